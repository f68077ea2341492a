# The questions of the maintainer scripts. postrm runs when the files of the package are already removed, so debian/rules
# copies these functions into the scripts, in place of #IN_USE#.

# Postfix names none of our files and parameters.
unused() {
    ! grep -Eqs '^[^#]*(/etc/postfix/ldap\.ucs-harden-|/etc/postfix/ucs-harden/|ucs_harden_)' /etc/postfix/main.cf /etc/postfix/master.cf
}

# The variables that put a control into mode warn or enforce, a line "VARIABLE: VALUE" each. A value that a stronger layer
# overrides does not count, unless only the files of the registry can tell.
# shellcheck disable=SC2317 # postrm does not ask
modes() {
    { ucr dump 2>/dev/null || cat /etc/univention/base*.conf 2>/dev/null; } |
        grep -Ei '^mail/harden/([^:]+/)?mode: *(warn|enforce) *$' || true
}
