"""Stand-in for Univention Config Registry (UCR). It follows measurements of the real one (see tests/lab/ucs/README.md).

layer        one registry file: its format, its lock, and how to write it
registry     the layers on top of each other
description  registry.info/variables/*.cfg: descriptions, types, defaults
template     the parts between @%@ and @!@ in a template
info         templates/info/*.info: which templates and scripts there are
handler      renders a target, runs a script
command      the command line; change and show are its actions
"""
from .registry import ConfigRegistry

__all__ = ["ConfigRegistry"]
