"""The settings that all LDAP maps of the lab's mail server share: the directory and how to ask it (ldap_table(5))."""


def server(registry):
    names = [registry["ldap/server/name"]] + registry.get("ldap/server/addition", "").split()
    with open("/etc/machine.secret", encoding="utf-8") as file:
        password = file.read().rstrip("\n")
    return "\n".join([
        "server_host = " + " ".join(f"ldap://{name}:{registry.get('ldap/server/port', '7389')}" for name in names),
        "version = 3",
        "start_tls = yes",
        "tls_require_cert = yes",
        "tls_ca_cert_file = /etc/univention/ssl/ucsCA/CAcert.pem",
        f"search_base = {registry['ldap/base']}",
        "scope = sub",
        "bind = yes",
        f"bind_dn = {registry['ldap/hostdn']}",
        f"bind_pw = {password}",
    ])
