"""The actions that only show something: get, dump, search, info, filter. They yield the lines to print."""
import sys

from .registry import ConfigRegistry


def get(args, _options):
    value = ConfigRegistry().load().get(args[0])
    return [] if value is None else [value]


def dump(_args, _options):
    return [f"{key}: {value}" for key, value in ConfigRegistry().load().items()]


def search(args, options):
    """All variables, set or only described, and patterns, that match one of the expressions anywhere."""
    import re
    from . import description
    try:
        matches = re.compile("|".join(f"(?:{expression})" for expression in args)).search
    except re.error as error:
        print(f"E: invalid regular expression: {error}", file=sys.stderr)
        sys.exit(1)
    registry = ConfigRegistry().load()
    entries = description.load()
    values = dict.fromkeys(entries) | dict(registry.items())
    by_key = "value" not in options
    by_value = "value" in options or "all" in options
    brief = "brief" in options or registry.is_true("ucr/output/brief")
    for key, value in values.items():
        entry = entries.get(key) if value is None else description.of(key, entries)
        text = (entry or {}).get("description[en]", "")
        if not (by_key and matches(key) or by_value and value and matches(value) or "all" in options and matches(text)):
            continue
        if value in (None, "") and "non-empty" in options:
            continue
        yield _line(key, value) + ("" if brief else _details(entry))


def info(args, _options):
    from . import description
    registry = ConfigRegistry().load()
    entries = description.load()
    for key in args:
        entry = description.of(key, entries)
        if entry is None and key not in registry:
            print(f'W: Unknown key: "{key}"', file=sys.stderr)
            continue
        yield _line(key, registry[key]) + _details(entry)


def filter_(_args, options):
    from .template import render
    registry = ConfigRegistry().load()
    text = sys.stdin.buffer.read().decode("utf-8")
    text = render(text, registry, execute="disallow-execution" not in options)
    sys.stdout.write(text)
    return []


def _line(key, value):
    return f"{key}: {'<empty>' if value is None else value}"


def _details(entry):
    if entry is None:
        return ""
    return "\n " + (entry.get("description[en]") or "no description available") + "\n"
