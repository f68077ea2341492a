"""The modules of UDM that the lab knows: their properties, and the attributes of LDAP in which these are kept.

A module has the object classes of a new object, the container of new objects, and its properties. The first property is
the name of the object, and its attribute stands in the DN. UDM has many more modules and properties.
"""
from collections import namedtuple

Property = namedtuple("Property", "attribute multivalue required mail", defaults=(False, False, False))
Module = namedtuple("Module", "classes container rdn properties")

ONE, MANY = False, True
_ALLOWED = {
    "allowedEmailUsers": Property("univentionAllowedEmailUsers", MANY),
    "allowedEmailGroups": Property("univentionAllowedEmailGroups", MANY),
}
_COMPUTER = {
    "name": Property("cn", ONE, True),
    "domain": Property("associatedDomain"),
    "ip": Property("aRecord", MANY),  # IPv6 in aAAARecord
    "service": Property("univentionService", MANY),
    "password": Property("userPassword"),
}


def _computer(container, *classes):
    return Module(("person", "univentionHost", *classes), container + ",cn=computers", "cn", _COMPUTER)


MODULES = {
    "users/user": Module(("inetOrgPerson", "univentionMail"), "cn=users", "uid", {
        "username": Property("uid", ONE, True),
        "firstname": Property("givenName"),
        "lastname": Property("sn", ONE, True),
        "password": Property("userPassword", ONE, True),
        "mailPrimaryAddress": Property("mailPrimaryAddress", ONE, False, True),
        "mailAlternativeAddress": Property("mailAlternativeAddress", MANY, False, True),
        "mailForwardAddress": Property("mailForwardAddress", MANY),
        "mailHomeServer": Property("univentionMailHomeServer"),
    }),
    "groups/group": Module(("groupOfUniqueNames", "univentionGroup"), "cn=groups", "cn", {
        "name": Property("cn", ONE, True),
        "mailAddress": Property("mailPrimaryAddress", ONE, False, True),
        "users": Property("uniqueMember", MANY),
        **_ALLOWED,
    }),
    "mail/lists": Module(("univentionMailList",), "cn=mailinglists,cn=mail", "cn", {
        "name": Property("cn", ONE, True),
        "mailAddress": Property("mailPrimaryAddress", ONE, False, True),
        "members": Property("univentionMailMember", MANY),
        "mailHomeServer": Property("univentionMailHomeServer"),
        **_ALLOWED,
    }),
    "computers/memberserver": _computer("cn=memberserver", "univentionMemberServer"),
    "computers/domaincontroller_master": _computer("cn=dc", "univentionDomainController"),
    "computers/domaincontroller_backup": _computer("cn=dc", "univentionDomainController"),
    "computers/domaincontroller_slave": _computer("cn=dc", "univentionDomainController"),
}
