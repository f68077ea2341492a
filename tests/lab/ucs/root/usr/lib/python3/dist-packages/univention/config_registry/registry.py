"""The layers on top of each other: forced, schedule, ldap, normal, default.

UCS 5.0 has no default layer: there the defaults of the descriptions are not part of the values. The environment
variable UNIVENTION_BASECONF names a file that is read instead of all layers.
"""
import os

from ..lab.face import UCS_5_0
from .layer import Layer
from .template import VARIABLE, replace

ETC = "/etc/univention/"
# From weak to strong.
LAYERS = ("default", "normal", "ldap", "schedule", "forced", "custom")
FILES = {"normal": "base.conf", "ldap": "base-ldap.conf", "schedule": "base-schedule.conf", "forced": "base-forced.conf"}
if not UCS_5_0:
    FILES["default"] = "base-defaults.conf"
TRUE = ("yes", "true", "1", "enable", "enabled", "on")
FALSE = ("no", "false", "0", "disable", "disabled", "off")


class ConfigRegistry:
    """A mapping of all variables; `registry[key]` is None when the key is not set. Writing goes to one layer."""

    def __init__(self, write_registry="normal"):
        custom = os.environ.get("UNIVENTION_BASECONF")
        if custom:
            self.scope = "custom"
            self.layers = {"custom": Layer(custom)}
        else:
            self.scope = write_registry
            self.layers = {name: Layer(ETC + FILES[name]) for name in LAYERS if name in FILES}

    def load(self):
        for layer in self.layers.values():
            layer.load()
        return self

    def __enter__(self):
        self.layer.lock()
        return self.load()

    def __exit__(self, error, *_):
        if error is None:
            self.layer.save()
        self.layer.unlock()

    @property
    def layer(self):
        """The layer that is written to."""
        return self.layers[self.scope]

    def holder(self, key):
        """The name of the layer that a key's value comes from; None when the key is not set."""
        return next((name for name in reversed(LAYERS) if key in self.layers.get(name, ())), None)

    def get(self, key, default=None):
        value = self._expanded(key, ())
        return default if value is None else value

    def _expanded(self, key, path):
        """The value of a key. In a default, @%@other@%@ stands for the value of another variable.

        path has the keys whose defaults are being expanded; one that leads back to itself is the empty text.
        """
        name = self.holder(key)
        if name is None or key in path:
            return None
        value = self.layers[name][key]
        if name != "default" or VARIABLE not in value:
            return value
        return replace(value, VARIABLE, lambda other: self._expanded(other, (*path, key)) or "")

    def items(self):
        return {key: self.get(key) for key in self.keys()}.items()

    def keys(self):
        merged = {}
        for name in LAYERS:
            merged.update(self.layers.get(name, ()))
        return merged.keys()

    def __getitem__(self, key):
        return self.get(key)

    def __setitem__(self, key, value):
        self.layer[key] = value

    def __delitem__(self, key):
        del self.layer[key]

    def __contains__(self, key):
        return self.holder(key) is not None

    def __iter__(self):
        return iter(self.keys())

    def has_key(self, key, write_registry_only=False):
        return key in (self.layer if write_registry_only else self)

    def is_true(self, key=None, default=False, value=None):
        return self._means(TRUE, key, default, value)

    def is_false(self, key=None, default=False, value=None):
        return self._means(FALSE, key, default, value)

    def _means(self, words, key, default, value):
        value = self.get(key) if value is None else value
        return default if value is None else value.lower() in words

    def save(self):
        self.layer.save()

