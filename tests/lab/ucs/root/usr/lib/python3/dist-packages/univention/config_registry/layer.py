"""One layer: a file of `key: value` lines, sorted by key as strings.

The file begins with a comment and an empty line and does not end in a line break. There is no escaping: line breaks in a
value are dropped when the file is written, blanks around a value when it is read. A line with `#` before its first `:`,
or without `: `, is skipped.
"""
import fcntl
import os

HEADER = "# univention_ base.conf\n\n"


class Layer(dict):
    def __init__(self, path):
        super().__init__()
        self.path = path
        self._lock = None
        # Reading creates a missing file, as in the real UCR; load then looks for its backup.
        if not os.path.exists(path):
            os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o644))

    def load(self):
        self.clear()
        text = _read(self.path)
        restore = text == ""
        if restore:
            text = _read(self.path + ".bak")
        self.update(_parse(text))
        if restore and text:
            self._write(self.path)

    def save(self):
        """The backup is written first, so it holds the new content too."""
        self._write(self.path + ".bak")
        self._write(self.path)

    def lock(self):
        self._lock = open(self.path + ".lock", "a")
        fcntl.flock(self._lock, fcntl.LOCK_EX)

    def unlock(self):
        self._lock.close()

    def _write(self, path):
        try:
            old = os.stat(path)
            mode, user, group = old.st_mode & 0o7777, old.st_uid, old.st_gid
        except FileNotFoundError:
            mode, user, group = 0o644, 0, 0
        temp = path + ".temp"
        with open(temp, "w", encoding="utf-8", newline="\n") as file:
            file.write(HEADER + "\n".join(f"{key}: {_one_line(self[key])}" for key in sorted(self)))
            file.flush()
            os.fsync(file.fileno())
        os.chmod(temp, mode)
        os.chown(temp, user, group)
        os.rename(temp, path)


def _read(path):
    try:
        with open(path, encoding="utf-8") as file:
            return file.read()
    except FileNotFoundError:
        return ""


def _parse(text):
    for line in text.split("\n"):
        key, separator, value = line.partition(": ")
        if separator and "#" not in key.partition(":")[0]:
            yield key, value.strip()


def _one_line(value):
    return value.replace("\r", "").replace("\n", "")
