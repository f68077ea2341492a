"""Descriptions of variables: registry.info/variables/*.cfg.

INI: a section is a variable's name, or a pattern that ends in `.*` and describes all variables it matches. Options
are Description[en], Type, Default, Categories, ReadOnly; their names are read in lower case.
"""
import os

VARIABLES = "/etc/univention/registry.info/variables"
BOOLEAN = ("true", "yes", "on", "1", "enable", "enabled", "false", "no", "off", "0", "disable", "disabled")


def load():
    """All descriptions: name or pattern to a dict of options. If two files describe one name, the later file counts."""
    entries = {}
    try:
        names = sorted(os.listdir(VARIABLES))
    except FileNotFoundError:
        return entries
    for name in names:
        if name.endswith(".cfg"):
            with open(f"{VARIABLES}/{name}", encoding="utf-8") as file:
                _parse(file, entries)
    return entries


def _parse(lines, entries):
    entry = {}
    for line in map(str.strip, lines):
        if line.startswith("[") and line.endswith("]"):
            entry = entries[line[1:-1]] = {}
        elif line and line[0] not in "#;":
            name, separator, value = line.partition("=")
            if separator:
                entry[name.strip().lower()] = value.strip()


def is_pattern(name):
    return name.endswith("*")


def of(key, entries):
    """The description of a variable, by its name or else by the first pattern that matches it."""
    import re
    if key in entries:
        return entries[key]
    return next((entries[name] for name in entries if is_pattern(name) and re.fullmatch(name, key)), None)


def fits(value, entry):
    """Whether a value is of the described type. Types that are not known here allow every value."""
    kind = (entry or {}).get("type", "str")
    if kind == "bool":
        return value.lower() in BOOLEAN
    if kind in ("int", "uint", "pint", "portnumber"):
        try:
            number = int(value)
        except ValueError:
            return False
        least = {"int": number, "uint": 0, "pint": 1, "portnumber": 0}[kind]
        return number >= least and (kind != "portnumber" or number <= 65535)
    return True
