"""The actions that change something: set, unset, commit, register, unregister, update."""
import os
import sys

from ..lab.face import UCS_5_0
from .registry import LAYERS, ConfigRegistry

REPLOG = "/var/log/univention/config-registry.replog"
INVALID = set("][\r\n!\"#$%&'()+,;<=>?\\`{}§")
SCOPES = {"force": "forced", "schedule": "schedule", "ldap-policy": "ldap"}


def set_(args, options):
    """Sets the variables whose key and value are right, and returns the exit status.

    The status is 2 when a value was refused. On 5.2 it is 1 when a key was refused.
    """
    registry = ConfigRegistry(_scope(options))
    status = 0
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
            elif not _valid_key(key):
                print(f"Not setting {key}")
                status = status or (0 if UCS_5_0 else 1)
            else:
                print(f"{'Setting' if exists else 'Create'} {key}")
                if _valid_value(registry, key, value):
                    changes[key] = value
                else:
                    status = 2
        changed = _update(registry, changes)
    _run(registry, changed, 'W: {} is overridden by scope "{}"')
    return status


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
    """Renders the named targets. Without names, renders all targets and runs all scripts. 5.0 says nothing of unknown names."""
    from . import info
    registry = ConfigRegistry().load()
    handlers = info.handlers(info.available())
    wanted = {os.path.abspath(name): name for name in args}
    for handler in handlers:
        if not wanted or handler.name in wanted and hasattr(handler, "templates"):
            handler.run(registry, handler.current(registry))
    targets = {handler.name for handler in handlers if hasattr(handler, "templates")}
    for name in [] if UCS_5_0 else wanted.keys() - targets:
        warn(f"Warning: The file {wanted[name]!r} is not registered as an UCR template.")


def register(args, _options):
    from . import info
    own = {handler.name for handler in info.handlers([args[0]])}
    own |= {"/" + stanza["Multifile"][0] for stanza in info.read(args[0]) if stanza.get("Multifile")}
    names = info.update()
    registry = _update_defaults()
    for handler in info.handlers(names):
        if handler.name in own:
            handler.run(registry, handler.current(registry))


def unregister(args, _options):
    """Removes the targets that only this package had, and renders the multifiles without its subfiles.

    A target for which the package has only a subfile is never removed. The .info file stays, and the next register or
    update makes its templates known again.
    """
    from . import info
    registry = ConfigRegistry().load()
    targets, own = set(), set()
    for stanza in info.read(args[0]):
        names = {"/" + name.lstrip("/") for name in stanza.get("Multifile", []) + stanza.get("File", [])}
        targets |= names
        own |= names if stanza["Type"] != ["subfile"] else set()
    names = [name for name in info.update() if name != args[0]]
    for handler in info.handlers(names):
        if handler.name in targets and handler.templates:
            handler.run(registry, handler.current(registry))
            own.discard(handler.name)
    for path in [target for target in own if os.path.exists(target)]:
        os.unlink(path)
    info.remember(names)
    _update_defaults()


def update(_args, _options):
    from . import info
    info.update()
    _update_defaults()


def _update_defaults():
    """Writes the default layer from the descriptions, and runs the handlers of what changed. 5.0 has no such layer."""
    registry = ConfigRegistry("normal" if UCS_5_0 else "default").load()
    if registry.scope != "default":
        return registry
    from . import description
    wanted = description.defaults()
    with registry:
        changes = dict.fromkeys(registry.layer.keys() - wanted.keys())
        changes |= {key: value for key, value in wanted.items() if registry.layer.get(key) != value}
        changed = _update(registry, changes)
    _run(registry, changed, None)
    return ConfigRegistry().load()


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
    """Whether a value may be set: it fits the description, or ucr/check/type is off; 5.0 is off if nothing is said."""
    from . import description
    if description.fits(value, description.of(key, description.load())):
        return True
    if registry.is_true("ucr/check/type", not UCS_5_0):
        warn(f"E: Value {value!r} incompatible for {key!r}")
        return False
    warn(f"W: Value {value!r} incompatible for {key!r}, but setting anyway")
    return True


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
            if shadowed:
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
    """Logs a change. If that fails, ucr ends with exit status 1: the change is saved, and no handler has run."""
    if not registry.is_true("ucr/replog/enabled"):
        return
    import time
    option = next((f"--{name} " for name, scope in SCOPES.items() if scope == registry.scope), "")
    what = f"set {option}{key}={new!r}" if new is not None else f"unset {option}'{key}'"
    before = "[Previously undefined]" if old is None else old
    try:
        with open(REPLOG, "a", encoding="utf-8", opener=lambda path, flags: os.open(path, flags, 0o640)) as file:
            file.write(f"{time.strftime('%Y-%m-%d %H:%M:%S')}: {what} old:{before}\n")
    except OSError as error:
        warn(f"E: exception occurred while writing to replication log: {error}")
        raise
