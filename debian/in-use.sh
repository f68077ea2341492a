# What prerm and postrm ask before something goes away. postrm runs when the files of the package are gone, so
# debian/rules puts these functions into both scripts, in place of #IN_USE#. They are true when nothing is needed any
# more, so a script without them keeps everything.

# Postfix names none of our files and parameters.
unused() {
    ! grep -Eqs '^[^#]*(/etc/postfix/ldap\.ucs-harden-|/etc/postfix/ucs-harden/|ucs_harden_)' /etc/postfix/main.cf /etc/postfix/master.cf
}

# No control is in mode warn or enforce.
switched_off() {
    ! grep -Eqs '^mail/harden/([^:]+/)?mode: *(warn|enforce)' /etc/univention/base*.conf
}
