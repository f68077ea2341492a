"""Handlers run when variables have changed, after the registry was saved and without its lock."""
import os
import random
import subprocess
import sys

from ..lab.face import UCS_5_0
from .template import render, variables

FILES = "/etc/univention/templates/files/"
SCRIPTS = "/etc/univention/templates/scripts/"


class Handler:
    def __init__(self, name):
        self.name = name
        self.variables = set()

    def add(self, stanza):
        self.variables |= set(stanza.get("Variables", ()))

    def wants(self, keys):
        return any(_matches(pattern, key) for pattern in self.variables for key in keys)

    def current(self, registry):
        """The changes that register and commit pass: none; on 5.0 the values themselves instead of (old, new)."""
        return {name: registry.get(name) for name in self.variables} if UCS_5_0 else {}


class File(Handler):
    """A target rendered from one template, replaced by rename."""

    def __init__(self, target):
        super().__init__("/" + target.lstrip("/"))
        self.template = FILES + target.lstrip("/")
        self.templates = [self.template]
        self.user = self.group = self.mode = None

    def add(self, stanza):
        super().add(stanza)
        self.user = stanza.get("User", [self.user])[0]
        self.group = stanza.get("Group", [self.group])[0]
        self.mode = stanza.get("Mode", [self.mode])[0]
        if os.path.isfile(self.template):
            self.variables |= variables(_read(self.template))

    def run(self, registry, changes):
        print(f"{type(self).__name__}: {self.name}")
        templates = [path for path in sorted(self.templates, key=os.path.basename) if os.path.isfile(path)]
        if not templates:
            if self.templates:
                print("The referenced template file does not exist", file=sys.stderr)
            return
        folder, base = os.path.split(self.name)
        os.makedirs(folder, exist_ok=True)
        temp = f"{folder}/.{base}__ucr__commit__{random.random()}"
        try:
            with open(temp, "w", encoding="utf-8", newline="\n") as file:
                for path in templates:
                    file.write(render(_read(path), registry, self.templates))
                self._set_permissions(temp)
            os.rename(temp, self.name)
        except BaseException:
            if os.path.exists(temp):
                os.unlink(temp)
            raise
        if os.path.isfile(SCRIPTS + self.name[1:]):
            run_script(SCRIPTS + self.name[1:], "postinst", changes)

    def _set_permissions(self, temp):
        """Owner and mode of the .info file; if it has none, the owner of the old target and the mode of the template."""
        old = os.stat(self.name) if os.path.exists(self.name) else None
        if old:
            os.chown(temp, old.st_uid, old.st_gid)
            os.chmod(temp, old.st_mode & 0o7777)
        if not (self.user or self.group or self.mode):
            if os.path.isfile(self.template):
                os.chmod(temp, os.stat(self.template).st_mode & 0o7777)
            return
        if self.user or self.group:
            from grp import getgrnam
            from pwd import getpwnam
            os.chown(temp, getpwnam(self.user or "root").pw_uid, getgrnam(self.group or "root").gr_gid)
        if self.mode:
            os.chmod(temp, int(self.mode, 8))


class Multifile(File):
    """A target rendered from several templates in the order of their base names, each package adding its own."""

    def __init__(self, target):
        super().__init__(target)
        self.templates = []

    def add_subfile(self, path, stanza):
        self.templates.append(path)
        self.variables |= set(stanza.get("Variables", ())) | variables(_read(path))


class Script(Handler):
    def __init__(self, script):
        super().__init__(SCRIPTS + script)

    def run(self, _registry, changes):
        print(f"Script: {self.name}")
        if os.path.isfile(self.name):
            run_script(self.name, "generate", changes)


def run_script(path, argument, changes):
    """Runs the script with a shell and ignores its exit status.

    Its input is a line `key@%@OLD@%@NEW` for each change that has both.

    On 5.0, register and commit pass the value itself as a change: its first two characters count as old and new.
    """
    lines = [f"{key}@%@{change[0]}@%@{change[1]}\n" for key, change in changes.items()
             if change and len(change) > 1 and change[0] and change[1]]
    sys.stdout.flush()
    subprocess.run(f"{path} {argument}", shell=True, input="".join(lines), text=True, encoding="utf-8", check=False)


def _matches(pattern, key):
    import re
    try:
        return re.match(pattern, key)
    except re.error as error:
        print(f"Failed to compile regular expression {pattern}: {error}", file=sys.stderr)
        return None


def _read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()
