"""The command line: `udm MODULE ACTION [OPTION…]`, with the actions create, modify, remove and list.

An unknown option is an error. An unknown property is only a warning, and an argument without an option, too; then the
exit status is 0. Every error is exit status 3.
"""
import getopt
import ipaddress
import os
import sys

from univention.lab.ldap import SECRET, Directory, Failed
from univention.lab.udm_modules import MODULES

LONG = ["position=", "dn=", "set=", "append=", "remove=", "superordinate=", "option=", "append-option=", "remove-option=",
        "filter=", "tls=", "ignore_exists", "ignore_not_exists", "logfile=", "policies=", "binddn=", "bindpwd=",
        "bindpwdfile=", "policy-reference=", "policy-dereference=", "remove_referring", "recursive", "properties="]
ACTIONS = {"create": "create", "new": "create", "modify": "modify", "edit": "modify",
           "remove": "remove", "delete": "remove", "list": "list", "lookup": "list"}


def main(arguments):
    try:
        _main(arguments)
    except Failed as failed:
        if str(failed):
            print(failed, file=sys.stderr)
        return 3
    return 0


def _main(arguments):
    if not arguments or arguments[0] in ("-h", "--help", "-?"):
        print(__doc__, file=sys.stdout if arguments else sys.stderr)
        if arguments:
            return
        raise Failed
    if arguments[0] == "modules":
        print("Available Modules are:", *("  " + name for name in MODULES), sep="\n")
        return
    try:
        options, rest = getopt.getopt(arguments[2:], "", LONG)
    except getopt.error as error:
        raise Failed(str(error)) from error
    if rest:
        print("WARNING: the following arguments are ignored:", *(f'"{word}"' for word in rest), file=sys.stderr)
    if not os.path.exists(SECRET):
        raise Failed("E: Permission denied, try --binddn and --bindpwd")
    if arguments[0] not in MODULES:
        raise Failed(f"unknown module {arguments[0]}.")
    action = ACTIONS.get(arguments[1] if len(arguments) > 1 else "")
    if len(arguments) == 2 and action != "list" or not action:
        raise Failed("Unknown or no action defined")
    Call(MODULES[arguments[0]], options).run(action)


class Call:
    def __init__(self, module, options):
        self.module = module
        self.directory = Directory()
        self.single = dict(options)
        self.words = {"--set": {}, "--append": {}, "--remove": {}}
        for option, word in options:
            if option in self.words:
                self._property(option, word)

    def _property(self, option, word):
        name, _, value = word.partition("=")
        done = {"--set": "set", "--append": "appended", "--remove": "removed"}[option]
        if name not in self.module.properties:
            shown = f"'{name}'" if option == "--set" else name
            print(f"WARNING: No attribute with name {shown} in this module, value not {done}.", file=sys.stderr)
            return
        many = self.module.properties[name].multivalue
        if option == "--append" and not many:
            print(f"WARNING: using --append on a single value property ({name}). Use --set instead!", file=sys.stderr)
        values = self.words[option].setdefault(name, [])
        if option == "--set" and not many:
            values.clear()
        if value:
            values.append(value)

    def run(self, action):
        getattr(self, "_" + action)()

    def _create(self):
        entry = {"objectClass": list(self.module.classes)}
        self._apply(entry)
        missing = [name for name, p in self.module.properties.items() if p.required and not entry.get(p.attribute)]
        if missing:
            raise Failed("E: Insufficient information: The following properties are missing:\n" + "\n".join(missing))
        name = entry[self.module.rdn][0]
        position = self.single.get("--position") or self.module.container + "," + self.directory.base
        dn = f"{self.module.rdn}={name},{position}"
        if self.directory.get(dn) is not None:
            if "--ignore_exists" not in self.single:
                raise Failed(f"E: Object exists: {dn}")
            print(f"Object exists: {dn}")
            return
        if "person" in entry["objectClass"] or "inetOrgPerson" in entry["objectClass"]:
            entry.setdefault("sn", [name])
            entry.setdefault("cn", [name])
        self.directory.change(dn, "add", entry)
        print(f"Object created: {dn}")

    def _modify(self):
        dn, entry = self._object()
        if entry is None:
            return
        before = {name: list(values) for name, values in entry.items()}
        self._apply(entry)
        changed = {name: values for name, values in entry.items() if values != before.get(name, [])}
        if changed:
            self.directory.change(dn, "modify", changed)
        print(f"{'Object modified' if changed else 'No modification'}: {dn}")

    def _remove(self):
        dn, entry = self._object()
        if entry is None:
            return
        self.directory.change(dn, "delete", {})
        print(f"Object removed: {dn}")

    def _list(self):
        names = "".join(f"(objectClass={name})" for name in self.module.classes)
        by_property = self.single.get("--filter", "")
        print(by_property)
        if by_property:
            name, _, value = by_property.strip("()").partition("=")
            known = self.module.properties.get(name)
            by_property = f"({known.attribute if known else name}={value})"
        for dn, entry in self.directory.search(f"(&{names}{by_property})", self.single.get("--position", "")):
            print(f"DN: {dn}")
            for name, known in sorted(self.module.properties.items()):
                for value in entry.get(known.attribute, [] if known.multivalue else [None]):
                    if name != "password":
                        print(f"  {name}: {value}")
            print()

    def _object(self):
        dn = self.single.get("--dn")
        if not dn:
            raise Failed("E: DN is missing")
        entry = self.directory.get(dn)
        if entry is not None and set(self.module.classes) <= set(entry["objectClass"]):
            return dn, entry
        if "--ignore_not_exists" in self.single:
            print(f"Object not found: {dn}")
            return dn, None
        raise Failed("E: object not found")

    def _apply(self, entry):
        """Append, remove and set, in this order, as udm does."""
        for name, values in self.words["--append"].items():
            held = entry.setdefault(self._attribute(name, values), [])
            for value in self._valid(name, values):
                if value in held:
                    print(f"WARNING: cannot append {value} to {name}, value exists", file=sys.stderr)
                elif self.module.properties[name].multivalue:
                    held.append(value)
                else:
                    held[:] = [value]
        for name, values in self.words["--remove"].items():
            held = entry.setdefault(self._attribute(name, values), [])
            for value in values or list(held):
                if value in held:
                    held.remove(value)
                else:
                    print(f"WARNING: cannot remove {value} from {name}, value does not exist", file=sys.stderr)
        for name, values in self.words["--set"].items():
            entry[self._attribute(name, values)] = self._valid(name, values)

    def _attribute(self, name, values):
        if name == "ip" and any(ipaddress.ip_address(value).version == 6 for value in values):
            return "aAAARecord"
        return self.module.properties[name].attribute

    def _valid(self, name, values):
        """The values, if their syntax is right. The domain of a mail address must be one of the mail domains."""
        if not self.module.properties[name].mail:
            return values
        for value in values:
            local, _, domain = value.rpartition("@")
            if not local or not self.directory.search(f"(&(objectClass=univentionMailDomainname)(cn={domain}))"):
                raise Failed(f"E: {name}: The domain part of the following mail addresses is not in list of configured "
                             f"mail domains: {value}")
        return values
