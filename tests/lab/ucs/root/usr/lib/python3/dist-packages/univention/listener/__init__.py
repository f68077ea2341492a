"""Stand-in for the base class of listener modules (univention.listener in the developer reference of UCS).

A module is a Python file with a subclass of ListenerModuleHandler, whose inner class Configuration describes it. Making
the subclass puts into the file what the listener looks for: name, description, filter, attributes, and handler, which
calls create, modify or remove.
"""
import inspect
import logging
import os
import sys
from typing import Any, Dict, List, Mapping, Optional, Sequence, Tuple

from univention.config_registry import ConfigRegistry

__all__ = ["ListenerModuleHandler"]

Entry = Mapping[str, Sequence[bytes]]


class _Register(type):
    def __init__(cls, name: str, bases: Tuple[type, ...], members: Dict[str, Any]) -> None:
        super().__init__(name, bases, members)
        if bases:
            file = sys.modules[cls.__module__]
            configuration = members["Configuration"]
            configuration.name = os.path.basename(inspect.getfile(cls))[:-len(".py")]
            if not configuration.description or not configuration.ldap_filter:
                raise ValueError("a listener module needs a description and a filter")
            file.__dict__.update(
                name=configuration.name, description=configuration.description, filter=configuration.ldap_filter,
                attributes=configuration.attributes, handler=_Adapter(cls))


class ListenerModuleHandler(metaclass=_Register):
    """The base class. An instance is made when the listener calls the module for the first time."""

    class Configuration:
        """What a module overwrites. Without attributes it is called for every change of an object."""

        name = ""
        description = ""
        ldap_filter = ""
        attributes = []  # type: List[str]

    ucr = ConfigRegistry()  # type: Any

    def __init__(self) -> None:
        self.logger = logging.getLogger(type(self).__name__)
        self.ucr.load()

    def create(self, dn: str, new: Entry) -> None:
        """There is a new object, or a new module."""

    def modify(self, dn: str, old: Entry, new: Entry, old_dn: Optional[str]) -> None:
        """An object has changed. old_dn is set when it has got another DN."""

    def remove(self, dn: str, old: Entry) -> None:
        """An object is gone."""


class _Adapter:
    """The function that the listener calls. A rename is two calls: command r with what was, and a with what is."""

    def __init__(self, cls: type) -> None:
        self.cls = cls
        self.module = None  # type: Optional[ListenerModuleHandler]
        self.renamed = None  # type: Optional[Tuple[str, Entry]]

    def __call__(self, dn: str, new: Entry, old: Entry, command: str = "") -> None:
        if command == "r":
            self.renamed = (dn, old)
            return
        self.module = self.module or self.cls()
        was, self.renamed = self.renamed, None
        if command == "a" and was:
            self.module.modify(dn, was[1], new, was[0])
        elif not new:
            self.module.remove(dn, old)
        elif old:
            self.module.modify(dn, old, new, None)
        else:
            self.module.create(dn, new)
