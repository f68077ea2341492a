"""The command line: `ucr [--keys-only|--shell|--sort] ACTION [OPTION…] [ARGUMENT…]`.

An option of the command stands before the action, an option of the action after it. Exit status 1 means that the call
is invalid or that the system refused something, 2 that `set` refused a value. Everything else is 0, whether it was done
or not.
"""
import sys

LAYER_OPTIONS = ("force", "forced", "ldap-policy", "schedule")
SEARCH_OPTIONS = ("key", "value", "all", "brief", "non-empty", "verbose")
# action: module, function, its options, the least number of arguments
ACTIONS = {
    "get": ("show", "get", (), 1),
    "dump": ("show", "dump", (), 0),
    "search": ("show", "search", SEARCH_OPTIONS, 0),
    "info": ("show", "info", (), 1),
    "filter": ("show", "filter_", ("encode-utf8", "disallow-execution"), 0),
    "set": ("change", "set_", LAYER_OPTIONS, 1),
    "unset": ("change", "unset", LAYER_OPTIONS, 1),
    "commit": ("change", "commit", (), 0),
    "register": ("change", "register", (), 1),
    "unregister": ("change", "unregister", (), 1),
    "update": ("change", "update", (), 0),
}
FILTERS = {"keys-only": ("dump", "search"), "sort": ("dump", "search", "info"), "shell": ("dump", "search")}
SHORT = {"-h": "--help", "-?": "--help", "-v": "--version"}
HINT = "try `univention-config-registry --help` for more information"


def main(args):
    try:
        return _main(list(args))
    except OSError:
        return _fail("your request could not be fulfilled", HINT)


def _main(args):
    filters = {argument[2:] for argument in _options(args)}
    if not args and not filters or filters & {"help", "version"}:
        print(__doc__)
        return 0
    for name in filters - FILTERS.keys():
        return _fail(f"unknown option --{name}")
    if not args:
        return _fail("missing action, see --help")
    action = args.pop(0)
    if action == "shell":
        action, filters = "search", filters | {"shell"}
        args[:] = ["--brief"] + [f"^{key}$" for key in args]
    for name in filters:
        if action not in FILTERS[name]:
            return _fail(f"invalid option --{name} for command {action}")
    if action not in ACTIONS:
        return _fail(f'unknown action "{action}", see --help')
    module, function, known, least = ACTIONS[action]
    options = set()
    for argument in _options(args):
        if argument[2:] not in known:
            return _fail(f"invalid option {argument} for command {action}")
        options.add("force" if argument == "--forced" else argument[2:])
    if len(args) < least:
        return _fail(f"too few arguments for command [{action}]", HINT)
    if "shell" in filters:
        options |= {"brief", "non-empty"}
    from importlib import import_module
    result = getattr(import_module("." + module, __package__), function)(args, options)
    if isinstance(result, int):
        return result
    _print(result or [], filters, action)
    return 0


def _options(args):
    """Removes the options from the front of the arguments."""
    taken = []
    while args and args[0].startswith("-") and args[0] != "-":
        taken.append(SHORT.get(args[0], args[0]))
        del args[0]
    return taken


def _print(lines, filters, action):
    if "keys-only" in filters:
        lines = (line.partition(": ")[0] for line in lines)
    if action in FILTERS["sort"]:
        lines = sorted(lines)
    for line in lines:
        print(_shell(line) if "shell" in filters else line)


def _shell(line):
    from shlex import quote
    key, _, value = line.partition(": ")
    name = "".join(character if character.isascii() and character.isalnum() else "_" for character in key)
    return f"{name}={quote(value)}"


def _fail(message, *more):
    sys.stdout.flush()
    print(f"E: {message}", *more, sep="\n", file=sys.stderr)
    return 1
