"""The listener: calls the modules below /usr/lib/univention-directory-listener/system/ for every change of the directory.

The changes come from ldapsearch(1), which asks for them with syncrepl (RFC 4533) as the machine account: first it prints
all entries, then each entry that has changed; one without attributes is gone. entryUUID tells that an entry with a new
DN is an old one.

As in the real listener, all modules run one after the other as the user listener. A module is called for an object
that matches its filter, and for a change of its attributes, if it names any. It is not called for an object that no
longer matches. Every object that exists is new for a new module. An error of a module ends up in the log.
"""
import base64
import importlib.util
import os
import pwd
import re
import select
import signal
import subprocess
import sys
import time
import traceback

SYSTEM = "/usr/lib/univention-directory-listener/system"
STATE = "/var/lib/univention-directory-listener"
QUIET = 0.05  # seconds
REFRESHED = []
READY = STATE + "/lab-ready"
SEARCH = ["univention-ldapsearch", "-L", "-o", "ldif-wrap=no", "-E", "!sync=rp", "(objectClass=*)", "*", "entryUUID"]


class Module:
    def __init__(self, path):
        name = os.path.basename(path)[:-len(".py")]
        spec = importlib.util.spec_from_file_location(name, path)
        self.file = importlib.util.module_from_spec(spec)
        sys.modules[name] = self.file
        spec.loader.exec_module(self.file)
        self.called = set()  # the entryUUIDs of objects that the module knows
        os.makedirs(STATE + "/handlers", exist_ok=True)
        with open(f"{STATE}/handlers/{self.file.name}", "w", encoding="ascii") as state:
            state.write("3")

    def update(self, uuid, dn, new, old, old_dn):
        names = self.file.attributes
        if uuid in self.called and names and not any(old.get(name) != new.get(name) for name in names):
            return
        if matches(self.file.filter, new):
            known = old if uuid in self.called else {}
            self.called.add(uuid)
            if old_dn and known:
                self.call(old_dn, {}, known, "r")
                self.call(dn, new, {}, "a")
            else:
                self.call(dn, new, known, "m" if known else "a")

    def remove(self, uuid, dn, old):
        if uuid in self.called:
            self.called.remove(uuid)
            self.call(dn, {}, old, "d")

    def call(self, *arguments):
        try:
            self.file.handler(*arguments)
        except Exception:  # the listener goes on
            traceback.print_exc()


class Listener:
    def __init__(self):
        self.entries = {}  # entryUUID → (DN, attributes)
        paths = sorted(name for name in os.listdir(SYSTEM) if name.endswith(".py")) if os.path.isdir(SYSTEM) else []
        self.modules = [Module(f"{SYSTEM}/{path}") for path in paths]

    def put(self, dn, new):
        uuid = new.pop("entryUUID")[0]
        old_dn, old = self.entries.get(uuid, (dn, {}))
        self.entries[uuid] = (dn, new)
        if (dn, new) != (old_dn, old):
            for module in self.modules:
                module.update(uuid, dn, new, old, old_dn if old_dn != dn else None)
        return uuid

    def drop(self, uuid):
        dn, old = self.entries.pop(uuid)
        for module in self.modules:
            module.remove(uuid, dn, old)

    def follow(self, stream):
        """Reads what ldapsearch prints until it ends."""
        present = set()  # None after the first answer
        for record in records(stream):
            if record is REFRESHED:
                for uuid in set(self.entries) - present:  # gone while slapd was not there
                    self.drop(uuid)
                present = None
                with open(READY, "w", encoding="ascii"):
                    pass
                continue
            dn, entry = parse(record)
            if entry:
                uuid = self.put(dn, entry)
                if present is not None:
                    present.add(uuid)
            else:
                for uuid in [uuid for uuid, (known, _) in self.entries.items() if known == dn]:
                    self.drop(uuid)


def records(stream):
    """The LDIF records of ldapsearch, as lists of lines, and REFRESHED after those of the first answer.

    An empty line stands between two records. ldapsearch writes a record at once, so in the later answers, where there
    is no next record, the last one ends when nothing more comes.
    """
    record, rest, refreshed = [], b"", False
    while True:
        if record and refreshed and not select.select([stream], [], [], QUIET)[0]:
            yield record
            record = []
        more = os.read(stream.fileno(), 65536)
        if not more:
            return
        *lines, rest = (rest + more).split(b"\n")
        for line in lines:
            if line == b"# SyncInfo Received" and not refreshed:
                yield REFRESHED
                refreshed = True
            elif line and not line.startswith((b"#", b"version:")):
                record.append(line)
            elif record and not line:
                yield record
                record = []


def parse(record):
    """The DN and the attributes of an LDIF record."""
    entry = {}
    for line in record:
        name, _, value = line.partition(b":")
        value = base64.b64decode(value[1:]) if value.startswith(b":") else value.lstrip(b" ")
        entry.setdefault(name.decode(), []).append(value)
    return entry.pop("dn")[0].decode(), entry


def matches(text, entry):
    """Whether an entry matches a filter of (&…), (|…), (!…) and (attribute=value), capitals included."""
    rest = re.findall(r"\([&|!]|\([^()=]+=[^()]*\)|\)", text)

    def one():
        token = rest.pop(0)
        if token in ("(&", "(|", "(!"):
            parts = []
            while rest[0] != ")":
                parts.append(one())
            rest.pop(0)
            return all(parts) if token == "(&" else any(parts) if token == "(|" else not parts[0]
        name, _, value = token[1:-1].partition("=")
        return value.encode() in entry.get(name, ())

    return one()


def main():
    user = pwd.getpwnam("listener")
    if os.path.exists(READY):
        os.unlink(READY)
    search = listener = None

    def end(*_):
        os.seteuid(0)
        if search:
            search.kill()
        os._exit(0)

    signal.signal(signal.SIGTERM, end)
    while True:
        search = subprocess.Popen(SEARCH, stdout=subprocess.PIPE)  # as root, who may read the machine password
        os.setegid(user.pw_gid)
        os.seteuid(user.pw_uid)
        listener = listener or Listener()
        listener.follow(search.stdout)
        search.wait()
        time.sleep(0.2)
        os.seteuid(0)
