#!/usr/bin/python3
"""System diagnostics of UMC: whether Postfix is as ucs-harden should have made it.

UMC imports every file of this folder, and a single one that cannot be imported takes all of them away. So this one needs
only what UMC itself has, and the standard library. The state is that of "ucs-harden status --json"; the schema of it is in
/usr/share/doc/ucs-harden/schemas. UMC shows the texts as HTML.
"""
import html
import json
import os
import re
import signal
import subprocess
import tempfile
from typing import Any, Callable, Dict, List, Mapping, NoReturn, Tuple

from univention.lib.i18n import Translation
from univention.management.console.modules.diagnostic import Critical, ProblemFixed, Warning

_ = Translation("ucs-harden").translate

title = _("Hardening of the mail server")
description = _("Postfix is as the registry and the directory want it, and nothing waits to be done.")
run_descr = ["This can be checked by running: ucs-harden status"]

PROGRAM = "/usr/sbin/ucs-harden"
STATUS_PATIENCE = 180  # seconds
SYNC_PATIENCE = 900

STAYS_IN_WARN = 5  # the exit status of a sync that did all but bring a control to enforce
MOST = 8  # how many differences and findings are shown

State = Mapping[str, Any]


def run(_umc_instance: Any) -> None:
    """Looks at the state of the server."""
    state = read_state()
    try:
        critical, warnings, mends = problems(state)
    except (AttributeError, KeyError, TypeError, ValueError) as why:
        raise Warning(_("The state that ucs-harden reports is not understood: %s") % html.escape(repr(why))) from why
    shown = {"buttons": sync_button()} if mends else {}  # type: Dict[str, Any]
    if critical:
        raise Critical("\n".join(critical + warnings), **shown)
    if warnings:
        raise Warning("\n".join(warnings), **shown)


def sync(_umc_instance: Any) -> NoReturn:
    """Runs a sync, and looks again."""
    try:
        code, said = call(["sync", "--json"], SYNC_PATIENCE, kill=False)
    except subprocess.TimeoutExpired as why:
        raise Warning(_("The sync is still running. Test again later.")) from why
    except OSError as why:
        raise Critical(_("ucs-harden cannot be started: %s") % html.escape(str(why))) from why
    if code not in (0, STAYS_IN_WARN):
        raise Critical(_("The sync failed: %s") % complaint(said), buttons=sync_button())
    run(_umc_instance)
    raise ProblemFixed(_("The sync is done. Postfix is as the registry and the directory want it."), buttons=[])


actions = {"sync": sync}  # type: Dict[str, Callable[[Any], None]]


def sync_button() -> List[Dict[str, str]]:
    """The button that syncs. The list is made each time anew, because UMC changes it."""
    return [{"action": "sync", "name": "sync", "label": _("Sync now")}]


def call(arguments: List[str], patience: int, kill: bool) -> Tuple[int, str]:
    """Runs ucs-harden, and returns its exit status and what it prints.

    A change is not killed halfway: it goes on when nobody waits for it any more, and so it prints into a file.
    """
    with tempfile.TemporaryFile() as said:
        program = subprocess.Popen(
            [PROGRAM] + arguments, stdin=subprocess.DEVNULL, stdout=said, stderr=subprocess.DEVNULL, start_new_session=True)
        try:
            code = program.wait(patience)
        except subprocess.TimeoutExpired:
            if kill:
                os.killpg(program.pid, signal.SIGKILL)
                program.wait()
            raise
        said.seek(0)
        return code, said.read().decode("utf-8", "replace")


def read_state() -> State:
    """Returns the state of the server."""
    try:
        _code, said = call(["status", "--json"], STATUS_PATIENCE, kill=True)
    except (OSError, subprocess.TimeoutExpired) as why:
        raise Warning(_("The state of the mail server cannot be read: %s") % html.escape(str(why))) from why
    try:
        state = json.loads(said)
    except ValueError as why:
        raise Warning(_("The state of the mail server cannot be read: %s") % html.escape(str(why))) from why
    if not isinstance(state, dict) or "error" in state or "controls" not in state:
        raise Warning(_("The state of the mail server cannot be read: %s") % complaint(said))
    return state


def complaint(said: str) -> str:
    """The error that a command has printed as JSON, with its hint."""
    try:
        failure = json.loads(said)
        words = [str(failure[name]) for name in ("error", "hint") if failure.get(name)]
    except (AttributeError, KeyError, TypeError, ValueError):
        words = []
    return html.escape("\n".join(words)) or _("it does not say why")


def problems(state: State) -> Tuple[List[str], List[str], bool]:
    """Returns what is critical, what is not, and whether a sync may mend something of it."""
    critical, warnings = [], []  # type: List[str], List[str]
    if state.get("interrupted"):
        critical.append(_("A crash left a change unfinished. On the command line: ucs-harden recover"))
    if state["postfix"] == "stopped":
        critical.append(_("Postfix is not running. /var/log/mail.log says why."))
    last, paused = state["sync"].get("last") or {}, state["sync"].get("paused")
    failed = last.get("result") == "failed" and not paused
    if failed:
        critical.append(_("The last sync failed: %s") % complaint(json.dumps(last)))
    accepted = {one["id"] for one in state["accepted"]}
    errors = [one["text"] for one in state["findings"] if one["severity"] == "error" and one["id"] not in accepted]
    critical.extend(shortened(_("What ucs-harden plan finds wrong:"), errors))

    if state.get("silent"):
        warnings.append(_("The directory does not answer, so nobody knows whether Postfix is as wanted: %s")
                        % html.escape(state["silent"]))
    waiting = state.get("waiting")
    if waiting:
        warnings.append(_("An apply waits to be confirmed until %s. On the command line, ucs-harden confirm keeps it and "
                          "ucs-harden rollback takes it back.") % moment(waiting["deadline"]))
    names = held(state)
    for name in names:
        warnings.append(_("The registry wants %s in mode enforce. It stays in warn, because the mail log does not show yet "
                          "what it would refuse, or shows legitimate mail. On the command line, ucs-harden report says "
                          "what is missing.") % html.escape(name))
    if last.get("result") == "partly" and not names and not paused:
        warnings.append(_("The last sync has not done everything: %s") % complaint(json.dumps(last)))
    if paused:
        warnings.append(_("Somebody rolled back, so syncs wait since %s until the next apply. On the command line, "
                          "ucs-harden sync --resume ends this.") % moment(paused["time"]))
    drift = list(state["drift"])
    warnings.extend(shortened(_("The next sync would change:"), drift))
    return critical, warnings, (failed or bool(drift)) and not (waiting or paused or state.get("interrupted"))


def held(state: State) -> List[str]:
    """The controls and domains that the registry wants in enforce and that stay in warn for lack of evidence."""
    planned = {}  # type: Dict[Tuple[str, str], str]
    for control in state["controls"]:
        planned[control["name"], ""] = control["after"]
        for domain, mode in (control.get("domains") or {}).items():
            planned[control["name"], domain] = mode
    names = []
    for target in state["readiness"]:
        control, domain = target["control"], target.get("domain") or ""
        mode = planned.get((control, domain), planned.get((control, "")))
        if target["wanted"] == "enforce" and mode != "enforce" and not target["ready"]:
            names.append("%s (%s)" % (control, domain) if domain else control)
    return names


def shortened(heading: str, lines: List[str]) -> List[str]:
    """The first of many lines, below a heading; nothing if there is none."""
    if not lines:
        return []
    out = [heading] + ["- " + html.escape(line) for line in lines[:MOST]]
    if len(lines) > MOST:
        out.append(_("and %d more, which ucs-harden plan shows") % (len(lines) - MOST))
    return out


def moment(stamp: str) -> str:
    """A time of the JSON, such as 2026-11-30T09:00:00.5Z, to the minute."""
    found = re.match(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d)[\d:.]*(Z|[-+]\d\d:\d\d)?$", stamp)
    if not found:
        return html.escape(stamp)
    day, minute, zone = found.groups()
    return "%s %s %s" % (day, minute, "UTC" if zone in (None, "Z") else zone)


if __name__ == "__main__":
    from univention.management.console.modules.diagnostic import main
    main()
