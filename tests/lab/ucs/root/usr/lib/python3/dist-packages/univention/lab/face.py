"""Which UCS this server is, and how much its `ucr` costs. The lab writes both files; without them it is a quick UCS 5.2.

/etc/univention/lab-face  the line 5.0 makes it a UCS 5.0
/etc/univention/lab-slow  if it exists, each block of Python in a template is a process of its own, as on a real UCS
"""
import os

ETC = "/etc/univention/"


def _line(path):
    try:
        with open(path, encoding="utf-8") as file:
            return file.read().strip()
    except FileNotFoundError:
        return ""


UCS_5_0 = _line(ETC + "lab-face") == "5.0"
SLOW = os.path.exists(ETC + "lab-slow")
