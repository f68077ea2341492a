"""What a block of Python in a template begins with when it is a process of its own: the registry, read from disk."""
from ..config_registry import ConfigRegistry
from . import cost  # noqa: F401

configRegistry = baseConfig = ConfigRegistry().load()
