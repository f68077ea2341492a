"""Lines of master.cf, for the templates of the lab's mail server."""
from .face import UCS_5_0

OPTIONS = "mail/postfix/mastercf/options/"


def service(name, kind, columns, command, options=""):
    print("%-9s %-5s %s %s%s" % (name, kind, "".join("%-7s " % column for column in columns.split()), command, options))


def options(registry, name):
    """The -o overrides of a service: not quoted; sorted, on 5.0 in no stable order."""
    keys = {key for key in registry.keys() if key.startswith(OPTIONS + name + "/")}
    return "".join(" -o %s=%s" % (key.rpartition("/")[2], registry[key]) for key in (keys if UCS_5_0 else sorted(keys)))
