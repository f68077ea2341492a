"""The LDAP maps of ucs-harden for Postfix (ldap_table(5)). The UCR template of a map runs this file and prints the
result of one of its functions. When the function raises an exception, the template prints a map that fails every
lookup. A missing setting must also make every lookup fail temporarily (451): a map that finds nobody would let
everybody pass, or would permanently refuse all mail of authenticated users (553).

On UCS 5.0, Python 2 runs this when a program in Python 2 sets a variable. All texts are of type str there.
"""
import datetime
import re


def owners(registry):
    """The logins that own a sender address, for smtpd_sender_login_maps on 465 and 587. The sender address may be the
    primary address or an alternative one. A user may log in with the uid or with the mail address, and Postfix compares
    the login with each result, so the result has both.
    """
    query = "(&(objectClass=univentionMail)(|(mailPrimaryAddress=%s)(mailAlternativeAddress=%s)))"
    return _map(registry, query, [("result_attribute", "uid, mailPrimaryAddress")])


def suspended_senders(registry):
    """The suspended accounts by envelope sender, for check_sender_access."""
    return _map(registry, _address(_marked(registry)), _refusal(registry), _hosted(registry))


def suspended_others(registry):
    """Who holds a sender address and is not suspended: an account, a group, a list, a shared folder. For
    check_sender_access: the sender of a letter without a login says who writes only if this finds nobody.
    """
    return _map(registry, _others(_marked(registry)), _OTHERS, _hosted(registry))


def suspended_logins(registry):
    """The suspended accounts by login, for check_sasl_access."""
    return _map(registry, _login(_marked(registry)), _refusal(registry))


def suspended_free(registry):
    """The logins that are not suspended as far as the directory tells, for check_sasl_access. While it hides the marks,
    or does not know them, this finds nobody: the negation of an undefined filter is undefined (RFC 4511, 4.5.1.7).
    """
    return _map(registry, _free(_marked(registry)), _OTHERS)


def local_only_senders(registry):
    """The accounts that may write to local addresses only, by envelope sender, for check_sender_access."""
    return _map(registry, _address(_restricted(registry)), _CLASS, _hosted(registry))


def local_only_others(registry):
    """Who holds a sender address and may write to everybody, see suspended_others."""
    return _map(registry, _others(_restricted(registry)), _OTHERS, _hosted(registry))


def local_only_logins(registry):
    """The accounts that may write to local addresses only, by login, for check_sasl_access."""
    return _map(registry, _login(_restricted(registry)), _CLASS)


# Every entry has an object class. What the answer is does not matter.
_OTHERS = [("result_attribute", "objectClass"), ("result_format", "shared")]

_CLASS = [("result_attribute", "uid"), ("result_format", "ucs_harden_local_only")]


def _map(registry, query, answer, more=()):
    settings = _server(registry) + list(more) + [("query_filter", query)] + answer
    return "\n".join("%s = %s" % (name, _one_line(value)) for name, value in settings)


def _one_line(value):
    """Removes from a value what could begin another line, or code when UCR reads its own output again."""
    return re.sub(r"[\x00-\x1f\x7f]", "", value).replace("@" + "!" + "@", "").strip()


def _server(registry):
    """The servers of the directory, the account that asks, and the time limit."""
    port = _number(registry, "ldap/server/port", "7389")
    hosts = [registry.get("ldap/server/name") or "localhost"] + (registry.get("ldap/server/addition") or "").split()
    base, login = registry.get("ldap/base") or "", registry.get("ldap/hostdn") or ""
    with open("/etc/machine.secret", "rb") as source:
        secret = source.readline().strip()
    password = secret if str is bytes else secret.decode("utf-8", "replace")
    if not (base and login and password):
        # An empty password would search anonymously and find nobody, and so would an empty base.
        raise ValueError("ldap/base, ldap/hostdn or the machine password is missing")
    return [
        ("server_host", " ".join("ldap://%s:%s" % (host.strip(), port) for host in hosts)),
        ("version", "3"),
        ("timeout", _number(registry, "mail/postfix/ldap/timeout", "10")),
        # Encrypted and verified, unless the administrator switched this off for the maps of UCS too.
        ("start_tls", _yes(registry, "mail/postfix/ldaptable/starttls")),
        ("tls_require_cert", _yes(registry, "mail/postfix/ldaptable/tlsrequirecert")),
        ("tls_ca_cert_file", registry.get("mail/postfix/ldaptable/tlscacertfile") or "/etc/univention/ssl/ucsCA/CAcert.pem"),
        ("bind", "yes"),
        ("bind_dn", login),
        ("bind_pw", password),
        ("search_base", base.replace("%", "%%")),  # ldap_table(5) expands % there
        ("scope", "sub"),
        ("debuglevel", _number(registry, "mail/postfix/ldaptable/debuglevel", "0")),
    ]


def _whole(pattern, text):
    """Matches a whole text."""
    return re.match("(?:%s)\\Z" % pattern, text)


def _number(registry, key, unset):
    """A number, or unset for any other text, with which Postfix could not open the table."""
    text = (registry.get(key) or "").strip()
    return text if _whole("[0-9]{1,6}", text) else unset


def _yes(registry, key):
    return "yes" if registry.is_true(key, True) else "no"


def _hosted(registry):
    """Limits the queries to addresses in the hosted domains, unless one of their names is invalid."""
    domains = (registry.get("mail/hosteddomains") or "").split()
    if domains and all(_whole("[A-Za-z0-9.-]+", domain) for domain in domains):
        return [("domain", ", ".join(domains))]
    return []


def _address(accounts):
    return "(&(uid=*)(|(mailPrimaryAddress=%s)(mailAlternativeAddress=%s))" + accounts + ")"


def _others(accounts):
    return "(&(|(mailPrimaryAddress=%s)(mailAlternativeAddress=%s))(!" + accounts + "))"


def _login(accounts):
    return "(&(|(uid=%s)(mailPrimaryAddress=%s))" + accounts + ")"


def _free(accounts):
    return "(&(|(uid=%s)(mailPrimaryAddress=%s))(!" + accounts + "))"


def _marked(registry):
    """The filter for suspended accounts: an attribute with a value, or membership in a group if one is named."""
    attribute = _attribute(registry, "mail/harden/suspended/attribute", "ucsHardenSuspended")
    marks = [(attribute, registry.get("mail/harden/suspended/value") or "TRUE")]
    group = registry.get("mail/harden/suspended/group")
    if group:
        marks.append(("memberOf", _group(registry, group)))
    return _any(marks)


def _refusal(registry):
    """The answer in the form of access(5). The reason, if the account has one, replaces its uid. Our table
    suspended-answer.regexp puts the text of mail/harden/suspended/text in place of this one."""
    return [
        ("result_attribute", "uid"),
        ("terminal_result_attribute", _attribute(registry, "mail/harden/suspended/reason-attribute", "ucsHardenSuspendedReason")),
        ("result_format", "REJECT 5.7.1 This account may not send mail: %s #ucs-harden:suspended"),
    ]


def _restricted(registry):
    """The filter for the members of all groups that may write to local addresses only, without expired groups."""
    groups = set()
    for key in registry.keys():
        account = _whole("(mail/harden/local-only/account/[^/]+/)group", key)
        if account and registry.get(key) and not _past(registry.get(account.group(1) + "expires")):
            groups.add(_group(registry, registry.get(key)))
    return _any([("memberOf", group) for group in sorted(groups)]) if groups else "(!(objectClass=*))"


def _past(expires):
    """Whether a date is before today. An invalid date never is."""
    try:
        return datetime.datetime.strptime((expires or "").strip(), "%Y-%m-%d").date() < datetime.date.today()
    except ValueError:
        return False


def _group(registry, group):
    """The DN of a group that is given by its DN or its name."""
    if re.match("[A-Za-z][A-Za-z0-9-]* *=", group):
        return group
    # RFC 4514, 2.4
    return "cn=%s,cn=groups,%s" % (_escape(group, "[A-Za-z0-9 ._-]"), registry.get("ldap/base") or "")


def _any(marks):
    """A filter that matches any of the marks (RFC 4515, 3). It holds nothing that ldap_table(5) would expand."""
    return "(|" + "".join("(%s=%s)" % (name, _escape(value, "[A-Za-z0-9 ._=,@-]")) for name, value in marks) + ")"


def _escape(value, plain):
    if re.search("[\x00-\x1f\x7f]", value):
        raise ValueError("control characters in %r" % value)
    octets = bytearray(value if str is bytes else value.encode("utf-8"))
    return "".join(chr(octet) if re.match(plain, chr(octet)) else "\\%02x" % octet for octet in octets)


def _attribute(registry, key, unset):
    name = registry.get(key) or unset
    if not _whole("[A-Za-z][A-Za-z0-9-]*", name):
        raise ValueError("%s is no attribute: %r" % (key, name))
    return name
