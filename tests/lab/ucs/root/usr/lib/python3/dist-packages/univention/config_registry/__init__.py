"""Stand-in for Univention Config Registry (UCR), written to what was measured on the real one (see the README of tests/lab/ucs).

layer        one registry file: its format, its lock, how it is written
registry     the layers on top of each other
description  registry.info/variables/*.cfg: descriptions, types, defaults
template     what stands between @%@ and @!@ in a template
info         templates/info/*.info: which templates and scripts there are
handler      renders a target, runs a script
command      the command line; change and show are its actions
"""
from .registry import ConfigRegistry

__all__ = ["ConfigRegistry"]
