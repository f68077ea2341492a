"""The templates and scripts of the packages: templates/info/NAME.info.

Stanzas of `Key: value` lines, separated by empty lines. Type is file (File), multifile (Multifile), subfile (Multifile,
Subfile) or script (Script, Variables); module is not supported here. Variables may be repeated and are regular
expressions that match from the start of a key. User, Group and Mode apply to the target.

`ucr set` and `unset` use the list of *registered* .info names. `register`, `update` and the first use make this list from
the existing files; `unregister` removes one name from it. `commit` reads the .info files themselves.
"""
import os

from .handler import FILES, File, Multifile, Script

INFO = "/etc/univention/templates/info"
REGISTERED = "/var/cache/univention-config/registered"


def available():
    return sorted(name[:-5] for name in os.listdir(INFO) if name.endswith(".info"))


def registered():
    try:
        with open(REGISTERED, encoding="utf-8") as file:
            return file.read().split()
    except FileNotFoundError:
        return update()


def update():
    return remember(available())


def remember(names):
    os.makedirs(os.path.dirname(REGISTERED), exist_ok=True)
    with open(REGISTERED, "w", encoding="utf-8") as file:
        file.write("\n".join(names))
    return names


def handlers(names):
    """The handlers of these .info files. A subfile belongs to its multifile, whichever file describes that."""
    found, stanzas = {}, [stanza for name in names for stanza in read(name)]
    for stanza in stanzas:
        handler = _handler(stanza)
        if handler:
            found.setdefault(handler.name, handler).add(stanza)
    for stanza in stanzas:
        target = found.get("/" + stanza.get("Multifile", [""])[0])
        if stanza["Type"] == ["subfile"] and target and os.path.isfile(FILES + stanza["Subfile"][0]):
            target.add_subfile(FILES + stanza["Subfile"][0], stanza)
    # A set: they run in arbitrary order, as in the real UCR.
    return set(found.values())


def read(name):
    """The stanzas of one .info file: dicts of key to list of values. OSError when the file does not exist."""
    with open(f"{INFO}/{name}.info", encoding="utf-8") as file:
        stanza = {}
        for line in map(str.strip, file.read().split("\n") + [""]):
            key, separator, value = line.partition(":")
            if separator:
                stanza.setdefault(key.capitalize(), []).append(value.strip())
            elif stanza:
                if stanza.get("Type"):
                    yield stanza
                stanza = {}


def _handler(stanza):
    kind = stanza["Type"][0]
    if kind == "file" and stanza.get("File"):
        return File(stanza["File"][0])
    if kind == "multifile" and stanza.get("Multifile"):
        return Multifile(stanza["Multifile"][0])
    if kind == "script" and stanza.get("Script") and stanza.get("Variables"):
        return Script(stanza["Script"][0])
    return None
