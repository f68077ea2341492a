"""Imports what the real `ucr` imports before it does anything. An import is most of what a call costs.

The quick stand-in imports only what it uses.
"""
# pylint: disable=unused-import
import argparse
import configparser
import ipaddress
import json
import locale
import shlex
import string
import typing
import urllib.parse
from email import message_from_string

from ..config_registry import change, command, description, info, show
from . import block
