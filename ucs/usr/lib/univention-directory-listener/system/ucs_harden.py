"""Tells ucs-harden-sync.path that the directory has changed, by touching a file. The sync reads what has changed.

The listener calls every module for every change of the domain, one after the other. So this module does nothing that
takes time, and it never fails. It does not wait for post_run, which comes only when nothing has changed for 15 seconds.
It runs as the user listener, and writes only where this user may.

When the module is new, the listener calls create for every object that exists.
"""
import os
from typing import FrozenSet, Iterator, List, Mapping, Optional, Sequence, Tuple

from univention.listener import ListenerModuleHandler

_Entry = Mapping[str, Sequence[bytes]]

STAMP = "/var/lib/univention-directory-listener/ucs-harden-sync-wanted"
REGISTRY = "/etc/univention"

# The object classes of what the tables are made of. The listener does not call a module for an object that no longer
# matches the filter, so the filter has only classes that an object keeps: no service and no mark.
CLASSES = (
    "univentionDomainController", "univentionMemberServer",
    "univentionMail", "posixAccount",
    "univentionGroup", "univentionMailList", "univentionMailSharedFolder",
)

# The attributes that the tables are made of, in lower case.
NAMES = frozenset((
    "objectclass", "cn", "associateddomain", "arecord", "aaaarecord", "univentionservice",
    "uid", "mailprimaryaddress", "mailalternativeaddress", "ucshardensuspended", "ucshardensuspendedreason",
    "uniquemember", "memberuid", "univentionmailmember",
))

# The registry variables that name further attributes.
VARIABLES = ("mail/harden/suspended/attribute", "mail/harden/suspended/reason-attribute")


class UcsHarden(ListenerModuleHandler):
    """Announces changes of servers, accounts, groups, mailing lists and shared folders."""

    class Configuration(ListenerModuleHandler.Configuration):
        """The listener reads this once, so it does not limit the attributes: see _counts. The name is the file's."""

        description = "Announce changes that ucs-harden has to follow"
        ldap_filter = "(|%s)" % "".join("(objectClass=%s)" % name for name in CLASSES)
        attributes = []  # type: List[str]

    _read = ()  # type: Tuple[int, ...]
    _further = frozenset()  # type: FrozenSet[str]

    def create(self, dn: str, new: _Entry) -> None:
        announce()

    def modify(self, dn: str, old: _Entry, new: _Entry, old_dn: Optional[str]) -> None:
        if old_dn or any(self._counts(name) for name in changed(old, new)):
            announce()

    def remove(self, dn: str, old: _Entry) -> None:
        announce()

    def _counts(self, name: str) -> bool:
        return name in NAMES or name in self._named()

    def _named(self) -> FrozenSet[str]:
        """The attributes that the registry names. The registry is read again only when its files have changed."""
        written = tuple(times())
        if written != self._read:
            self._read = written
            try:
                self.ucr.load()
            except Exception:  # whatever is wrong with the registry, other modules say so
                return self._further
            self._further = frozenset((self.ucr.get(variable) or "").lower() for variable in VARIABLES)
        return self._further


def changed(old: _Entry, new: _Entry) -> Iterator[str]:
    """The names, in lower case, of the attributes with other values than before."""
    for name in set(old) | set(new):
        if set(old.get(name, ())) != set(new.get(name, ())):
            yield name.lower()


def times() -> Iterator[int]:
    """When the layers of the registry were written, 0 for a layer that cannot be read."""
    for layer in ("base", "base-defaults", "base-forced", "base-ldap", "base-schedule"):
        try:
            yield os.stat("%s/%s.conf" % (REGISTRY, layer)).st_mtime_ns
        except OSError:
            yield 0


def announce() -> None:
    """Touches the file. Without it the change counts at the next sync, which is the daily one at the latest."""
    try:
        file = os.open(STAMP, os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, 0o600)
    except OSError:
        return
    try:
        os.utime(file)
    except OSError:
        pass
    finally:
        os.close(file)
