"""Imports what the real `ucr` imports before it does anything, and so does each of its blocks of Python.

An import is most of what they cost. The quick stand-in imports only what it uses, so it does without this.
"""
# pylint: disable=unused-import
import argparse
import configparser
import fcntl
import grp
import ipaddress
import json
import locale
import pickle
import pwd
import random
import re
import shlex
import string
import subprocess
import time
import typing
import urllib.parse
from email import message_from_string

from ..config_registry import change, command, description, handler, info, show
