"""What a block of Python in a template begins with when it is a process of its own: the registry, read from disk."""
# pylint: disable=unused-import
import pickle
import subprocess
import typing

from ..config_registry import ConfigRegistry, handler

configRegistry = baseConfig = ConfigRegistry().load()
