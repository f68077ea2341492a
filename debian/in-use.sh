# The questions of prerm and postrm before they remove something. postrm runs when the files of the package are already
# removed, so debian/rules copies these functions into both scripts, in place of #IN_USE#. A function is true when
# nothing is needed any more, so a script without these functions keeps everything.

# Postfix names none of our files and parameters.
unused() {
    ! grep -Eqs '^[^#]*(/etc/postfix/ldap\.ucs-harden-|/etc/postfix/ucs-harden/|ucs_harden_)' /etc/postfix/main.cf /etc/postfix/master.cf
}

# No control is in mode warn or enforce.
switched_off() {
    ! grep -Eqs '^mail/harden/([^:]+/)?mode: *(warn|enforce)' /etc/univention/base*.conf
}
