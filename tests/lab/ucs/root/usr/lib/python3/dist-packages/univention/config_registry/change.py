"""The actions that change something: set, unset, commit, register, unregister, update."""
import os
import sys

from .registry import LAYERS, ConfigRegistry

REPLOG = "/var/log/univention/config-registry.replog"
INVALID = set("][\r\n!\"#$%&'()+,;<=>?\\`{}§")
SCOPES = {"force": "forced", "schedule": "schedule", "ldap-policy": "ldap"}


def set_(args, options):
    registry = ConfigRegistry(_scope(options))
    with registry:
        changes = {}
        for argument in args:
            key, separator, value = _split(argument)
            if not separator:
                warn(f"W: Missing value for config registry variable '{argument}'")
                continue
            exists = key in registry.layer
            if exists and separator == "?":
                print(f"Not updating {key}")
            elif not _valid_key(key) or not _valid_value(registry, key, value):
                print(f"Not setting {key}")
            else:
                print(f"{'Setting' if exists else 'Create'} {key}")
                changes[key] = value
        changed = _update(registry, changes)
    _run(registry, changed, 'W: {} is overridden by scope "{}"')


def unset(args, options):
    registry = ConfigRegistry(_scope(options))
    with registry:
        changes = {}
        for key in args:
            if key in registry.layer:
                print(f"Unsetting {key}")
                changes[key] = None
            else:
                warn(f"W: The config registry variable '{key}' does not exist")
        changed = _update(registry, changes)
    _run(registry, changed, 'W: {} is still set in scope "{}"')


def commit(args, _options):
    """Renders the named targets. Without names, renders all targets and runs all scripts. Unknown names are ignored."""
    from . import info
    registry = ConfigRegistry().load()
    wanted = {os.path.abspath(name) for name in args}
    for handler in info.handlers(info.available()):
        if not wanted or handler.name in wanted and hasattr(handler, "templates"):
            handler.run(registry, handler.current(registry))


def register(args, _options):
    from . import info
    own = {handler.name for handler in info.handlers([args[0]])}
    own |= {"/" + stanza["Multifile"][0] for stanza in info.read(args[0]) if stanza.get("Multifile")}
    registry = ConfigRegistry().load()
    for handler in info.handlers(info.update()):
        if handler.name in own:
            handler.run(registry, handler.current(registry))


def unregister(args, _options):
    """Removes the targets that only this package had, and renders the multifiles without its subfiles.

    The next use makes a new list of registered files, so the .info file must be gone by then.
    """
    from . import info
    registry = ConfigRegistry().load()
    own = {"/" + name.lstrip("/") for stanza in info.read(args[0]) for name in stanza.get("Multifile", []) + stanza.get("File", [])}
    remaining = info.handlers(name for name in info.available() if name != args[0])
    for handler in remaining:
        if handler.name in own and handler.templates:
            handler.run(registry, handler.current(registry))
            own.discard(handler.name)
    for path in [target for target in own if os.path.exists(target)]:
        os.unlink(path)
    info.forget()


def update(_args, _options):
    from . import info
    info.update()


def warn(line):
    print(line, file=sys.stderr)


def _scope(options):
    return next((scope for name, scope in SCOPES.items() if name in options), "normal")


def _split(argument):
    """key=value or key?value, whichever mark comes first."""
    at = min((place for place in (argument.find("="), argument.find("?")) if place >= 0), default=len(argument))
    return argument[:at], argument[at:at + 1], argument[at + 1:]


def _valid_key(key):
    if ": " in key:
        warn(f'Please fix invalid ": " in config variable key "{key}".')
        return False
    for character in key:
        if character in INVALID:
            warn(f'Please fix invalid character "{character}" in config variable key "{key}".')
            return False
    return key != ""


def _valid_value(registry, key, value):
    """Warns about a value of the wrong type, and refuses it only if ucr/check/type is true."""
    from . import description
    entry = description.of(key, description.load())
    if description.fits(value, entry):
        return True
    refuse = registry.is_true("ucr/check/type")
    warn(f'{"E" if refuse else "W"}: Value {value!r} of {key} is not of type {entry["type"]!r}')
    return not refuse


def _update(registry, changes):
    """Writes the changes to the layer and returns (old, new) for each; new is None when the key is unset."""
    changed = {}
    for key, value in changes.items():
        changed[key] = (registry.layer.get(key), value)
        if value is None:
            del registry.layer[key]
        else:
            registry.layer[key] = value
    return changed


def _run(registry, changed, shadowed):
    """Runs the handlers of all changes that no stronger layer hides, also when old and new are equal."""
    visible = {}
    for key, (old, new) in changed.items():
        _replog(registry, key, old, new)
        holder = registry.holder(key)
        if holder and LAYERS.index(holder) > LAYERS.index(registry.scope):
            warn(shadowed.format(key, holder))
            continue
        if old is None:
            old = next((layer[key] for layer in _below(registry) if key in layer), None)
        visible[key] = (old, registry.get(key))
    if not visible:
        return
    from . import info
    sys.stdout.flush()
    for handler in info.handlers(name for name in info.registered() if name in info.available()):
        if handler.wants(visible):
            handler.run(registry, visible)


def _below(registry):
    weaker = LAYERS[:LAYERS.index(registry.scope)]
    return [registry.layers[name] for name in reversed(weaker) if name in registry.layers]


def _replog(registry, key, old, new):
    if not registry.is_true("ucr/replog/enabled"):
        return
    import time
    option = next((f"--{name} " for name, scope in SCOPES.items() if scope == registry.scope), "")
    what = f"set {option}{key}={new!r}" if new is not None else f"unset {option}'{key}'"
    before = "[Previously undefined]" if old is None else old
    os.makedirs(os.path.dirname(REPLOG), exist_ok=True)
    with open(REPLOG, "a", encoding="utf-8", opener=lambda path, flags: os.open(path, flags, 0o640)) as file:
        file.write(f"{time.strftime('%Y-%m-%d %H:%M:%S')}: {what} old:{before}\n")
