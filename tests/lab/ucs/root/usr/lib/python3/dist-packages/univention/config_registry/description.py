"""Descriptions of variables: registry.info/variables/*.cfg.

INI: a section is a variable's name, or a pattern that contains `.*` and describes all variables it matches. Options
are Description[en], Type, Regex, Min, Max, Elementtype, Separator, Default, Categories, ReadOnly; their names are read
in lower case.
"""
import os
import re

VARIABLES = "/etc/univention/registry.info/variables"
BOOLEAN = ("true", "yes", "on", "1", "enable", "enabled", "false", "no", "off", "0", "disable", "disabled")
RANGES = {"int": (None, None), "uint": (0, None), "pint": (1, None), "portnumber": (0, 65535)}


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


def defaults():
    """The values of the default layer: what the descriptions of single variables give."""
    return {name: entry["default"] for name, entry in load().items() if entry.get("default") and not is_pattern(name)}


def is_pattern(name):
    return ".*" in name


def of(key, entries):
    """The description of a variable, by its name or else by the first pattern that matches it."""
    if key in entries:
        return entries[key]
    return next((entries[name] for name in entries if is_pattern(name) and re.fullmatch(name, key)), None)


def fits(value, entry):
    """Whether a value is of the described type. Types that are not known here are checked as str."""
    entry = entry or {}
    kind = entry.get("type", "str")
    if kind == "list":
        element = {"type": entry.get("elementtype", "str")}
        return all(fits(part.strip(), element) for part in re.split(entry.get("separator", ","), value))
    try:
        if kind == "bool":
            return value.lower() in BOOLEAN
        if kind in RANGES:
            return _in_range(int(value), entry, *RANGES[kind])
        if kind in ("ipv4address", "ipv6address", "ipaddress"):
            from ipaddress import IPv4Address, IPv6Address, ip_address
            {"ipv4address": IPv4Address, "ipv6address": IPv6Address, "ipaddress": ip_address}[kind](value)
            return True
        return re.match(entry.get("regex", ""), value) is not None
    except ValueError:
        return False


def _in_range(number, entry, least, most):
    least, most = entry.get("min", least), entry.get("max", most)
    return (least is None or number >= int(least)) and (most is None or number <= int(most))
