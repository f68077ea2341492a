"""The directory as the programs of OpenLDAP reach it: StartTLS, bind as cn=admin with the password in /etc/ldap.secret."""
import base64
import subprocess
import sys

from univention.config_registry import ConfigRegistry

SECRET = "/etc/ldap.secret"


class Failed(Exception):
    """The directory did not answer, or refused. The message is that of the program."""


class Directory:
    def __init__(self):
        registry = ConfigRegistry()
        registry.load()
        self.base = registry.get("ldap/base", "")
        server = registry.get("ldap/master") or registry.get("ldap/server/name", "")
        self.bind = ["-x", "-ZZ", "-H", f"ldap://{server}:7389", "-D", "cn=admin," + self.base, "-y", SECRET]

    def _run(self, program, *arguments, text=""):
        with open(SECRET, encoding="utf-8") as secret:
            if secret.read().endswith("\n"):
                raise Failed("authentication error: Authentication failed")  # -y takes the whole file
        said = subprocess.run([program, *self.bind, *arguments], input=text, capture_output=True, text=True, check=False,
                              env={"LDAPTLS_CACERT": "/etc/univention/ssl/ucsCA/CAcert.pem", "PATH": "/usr/bin:/usr/sbin"})
        return said

    def get(self, dn):
        """The attributes of an entry, None if there is no such entry."""
        said = self._run("ldapsearch", "-LLL", "-o", "ldif-wrap=no", "-b", dn, "-s", "base", "(objectClass=*)")
        if said.returncode in (32, 34):  # noSuchObject, invalidDNSyntax (RFC 4511)
            return None
        return next(iter(self._entries(said)), None)

    def search(self, ldap_filter, base=""):
        """The entries that match: pairs of DN and attributes."""
        said = self._run("ldapsearch", "-LLL", "-o", "ldif-wrap=no", "-b", base or self.base, ldap_filter)
        return [(entry.pop("dn")[0], entry) for entry in self._entries(said)]

    def change(self, dn, changetype, attributes):
        """Add an entry, or replace attributes of one; an empty list removes the attribute."""
        lines = [f"dn:: {_base64(dn)}", "changetype: " + changetype]
        for name, values in attributes.items():
            if changetype == "modify":
                lines.append("replace: " + name)
            lines += [f"{name}:: {_base64(value)}" for value in values]
            if changetype == "modify":
                lines.append("-")
        said = self._run("ldapmodify", text="\n".join(lines) + "\n")
        if said.returncode:
            raise Failed("LDAP Error: " + said.stderr.strip())

    @staticmethod
    def _entries(said):
        if said.returncode:
            print(said.stderr, file=sys.stderr)
            raise Failed("E: The LDAP Server is currently not available.")
        for block in said.stdout.split("\n\n"):
            entry = {}
            for line in block.splitlines():
                name, _, value = line.partition(":")
                value = base64.b64decode(value[1:]).decode() if value.startswith(":") else value.strip()
                entry.setdefault(name, []).append(value)
            if entry:
                yield entry


def _base64(text):
    return base64.b64encode(text.encode()).decode()
