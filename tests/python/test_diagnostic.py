"""The plugin of the system diagnostics, run as UMC runs it, with a program in place of ucs-harden."""
import ast
import gettext
import json
import os
import stat
import subprocess
import sys
import tempfile
import unittest
import warnings

import univention.management.console.modules.diagnostic as diagnostic
from univention.lib.i18n import Translation

ROOT = os.path.join(os.environ["UCS"], "..")
FOLDER = os.path.join(
    os.environ["UCS"], "usr/lib/python3/dist-packages/univention/management/console/modules/diagnostic")
diagnostic.__path__.append(FOLDER)  # in UCS both are one folder
NAME = "75_ucs_harden"

WELL = {
    "schema": 3, "postfix": "running", "drift": [], "findings": [], "readiness": [], "accepted": [], "sync": {},
    "controls": [{"name": "sender-spoofing", "before": "warn", "after": "warn"}], "running": {},
}
PENDING = dict(WELL, waiting={"id": "x", "deadline": "2026-11-30T09:10:11.123456Z"})


def finding(name, severity="error"):
    return {"id": name, "severity": severity, "text": "<b>%s</b> is wrong" % name}


class Diagnostic(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        Translation.localedir, Translation.language = self.folder, "en"
        self.plugin = self.load()
        self.plugin.module.PROGRAM = os.path.join(self.folder, "ucs-harden")

    def load(self):
        """Imports the plugin anew, as each session of UMC does."""
        sys.modules.pop("univention.management.console.modules.diagnostic.plugins." + NAME, None)
        return diagnostic.Plugin(NAME)

    def german(self):
        into = os.path.join(self.folder, "de/LC_MESSAGES")
        os.makedirs(into)
        subprocess.run(["msgfmt", "--check-format", "--output-file=" + os.path.join(into, "ucs-harden.mo"),
                        os.path.join(ROOT, "po/de.po")], check=True)
        Translation.language = "de"

    def says(self, status, code=0, sync=(0, "{}"), after=None):
        """Makes the program print a state; after a sync another one."""
        script = self.plugin.module.PROGRAM
        files = {"status": status, "after": status if after is None else after, "sync": sync[1]}
        for name, content in files.items():
            with open(os.path.join(self.folder, name), "w", encoding="utf-8") as stream:
                stream.write(content if isinstance(content, str) else json.dumps(content))
        with open(script, "w", encoding="utf-8") as stream:
            stream.write("#!/bin/sh\ncd %s; echo \"$*\" >>calls\ncase $1 in\n"
                         "status) cat status; exit %d;;\nsync) mv after status; cat sync; exit %d;;\nesac\n"
                         % (self.folder, code, sync[0]))
        os.chmod(script, stat.S_IRWXU)

    def calls(self):
        with open(os.path.join(self.folder, "calls"), encoding="utf-8") as stream:
            return stream.read().splitlines()

    def shown(self, status, action=None, **more):
        self.says(status, **more)
        return self.plugin.execute(action)

    def test_all_is_well(self):
        shown = self.shown(WELL)
        self.assertEqual("success", shown["type"])
        self.assertTrue(shown["success"])
        self.assertEqual(["Test again"], [one["label"] for one in shown["buttons"]])
        self.assertEqual(["status --json"], self.calls())

    def test_what_is_critical_and_what_is_not(self):
        domains = {"a.my": "enforce", "b.my": "warn"}
        held = dict(WELL, controls=[{"name": "sender-spoofing", "after": "warn", "domains": domains}], readiness=[
            {"control": "sender-spoofing", "domain": "b.my", "wanted": "enforce", "ready": False},
            {"control": "sender-spoofing", "domain": "a.my", "wanted": "enforce", "ready": False},
        ])
        cases = (
            (dict(WELL, interrupted="20261130T090000Z-00000000"), "critical", "ucs-harden recover", False),
            (dict(WELL, postfix="stopped"), "critical", "Postfix is not running", False),
            (dict(WELL, sync={"last": {"result": "failed", "error": "cannot <x>", "hint": "do y"}}), "critical",
             "failed: cannot &lt;x&gt;\ndo y", True),
            (dict(WELL, sync={"last": {"result": "partly", "error": "left out: <x>"}}), "warning",
             "everything: left out: &lt;x&gt;", False),
            (dict(WELL, findings=[finding("a"), finding("b", "warning")]), "critical",
             "- &lt;b&gt;a&lt;/b&gt; is wrong", False),
            (dict(WELL, findings=[finding("a")], accepted=[{"id": "a"}]), "success", "", False),
            (dict(WELL, silent="no <answer>"), "warning", "no &lt;answer&gt;", False),
            (PENDING, "warning", "confirmed until 2026-11-30 09:10 UTC.", False),
            (dict(PENDING, drift=["~ x"]), "warning", "~ x", False),
            (held, "warning", "sender-spoofing (b.my) in mode enforce", False),
            (dict(WELL, sync={"paused": {"id": "x", "time": "2026-11-30T09:10:11+01:00", "by": "root"},
                              "last": {"result": "failed", "error": "x"}}), "warning",
             "since 2026-11-30 09:10 +01:00", False),
            (dict(WELL, drift=["~ <x>"]), "warning", "The next sync would change:\n- ~ &lt;x&gt;", True),
            (dict(WELL, drift=["~ x"], postfix="stopped"), "critical", "~ x", True),
        )
        for status, kind, text, mends in cases:
            with self.subTest(text=text):
                shown = self.shown(status, code=1)
                self.assertEqual(kind, shown["type"], shown)
                self.assertIn(text, shown["description"])
                self.assertEqual(mends, any(one.get("action") == "sync" for one in shown["buttons"]))
        self.assertNotIn("a.my", self.shown(held)["description"], "the plan has it in enforce")

    def test_long_lists_are_cut(self):
        shown = self.shown(dict(WELL, drift=["+ %d" % n for n in range(20)]))["description"]
        self.assertIn("- + 7", shown)
        self.assertNotIn("- + 8", shown)
        self.assertIn("and 12 more", shown)

    def test_what_cannot_be_read(self):
        for status, text in (
                ("", "cannot be read"), ("{", "cannot be read"),
                ("[]", "does not say why"), ("null", "does not say why"),
                ({"schema": 1, "error": "no <ucr>", "hint": "be root"}, "no &lt;ucr&gt;\nbe root"),
                ({"controls": []}, "not understood"), (dict(WELL, drift=None), "not understood"),
                (dict(WELL, findings=[1]), "not understood"), (dict(WELL, sync=[]), "not understood"),
        ):
            with self.subTest(status=status):
                shown = self.shown(status, code=1)
                self.assertEqual("warning", shown["type"], shown)
                self.assertIn(text, shown["description"])
        os.unlink(self.plugin.module.PROGRAM)
        self.assertEqual("warning", self.plugin.execute()["type"])

    def test_a_state_that_takes_too_long(self):
        self.says(WELL)
        with open(self.plugin.module.PROGRAM, "w", encoding="utf-8") as stream:
            stream.write("#!/bin/sh\nexec sleep 600\n")
        self.plugin.module.STATUS_PATIENCE = 0.1
        self.assertEqual("warning", self.plugin.execute()["type"])

    def test_sync(self):
        drifted = dict(WELL, drift=["~ x"])
        shown = self.shown(drifted, "sync", code=2, after=WELL)
        self.assertEqual("problemfixed", shown["type"], shown)
        self.assertEqual(["Test again"], [one["label"] for one in shown["buttons"]])
        self.assertEqual(["sync --json", "status --json"], self.calls())

        shown = self.shown(drifted, "sync", sync=(1, json.dumps({"error": "cannot <x>", "hint": "do y"})))
        self.assertEqual("critical", shown["type"], shown)
        self.assertIn("cannot &lt;x&gt;\ndo y", shown["description"])
        self.assertEqual("warning", self.shown(drifted, "sync")["type"], "something is left")
        for code in (0, 5):
            held = dict(WELL, readiness=[{"control": "sender-spoofing", "wanted": "enforce", "ready": False}])
            shown = self.shown(drifted, "sync", sync=(code, "{}"), after=held)
            self.assertEqual("warning", shown["type"], shown)
            self.assertIn("sender-spoofing", shown["description"])

    def test_a_sync_is_not_killed(self):
        warnings.simplefilter("ignore", ResourceWarning)  # it is left running
        self.says(WELL)
        with open(self.plugin.module.PROGRAM, "w", encoding="utf-8") as stream:
            stream.write("#!/bin/sh\ncd %s; while [ ! -e go ]; do sleep 0.02; done; echo >done\n" % self.folder)
        self.plugin.module.SYNC_PATIENCE = 0.1
        shown = self.plugin.execute("sync")
        self.assertEqual("warning", shown["type"], shown)
        self.assertIn("still running", shown["description"])
        with open(os.path.join(self.folder, "go"), "w", encoding="ascii"):
            pass
        os.wait()
        self.assertTrue(os.path.exists(os.path.join(self.folder, "done")))

    def test_german(self):
        self.german()
        self.plugin = self.load()
        self.assertEqual("Absicherung des Mailservers", self.plugin.module.title)
        self.plugin.module.PROGRAM = os.path.join(self.folder, "ucs-harden")
        shown = self.shown(dict(WELL, drift=["~ x"]))
        self.assertIn("Der nächste Abgleich würde ändern:", shown["description"])
        self.assertEqual("Jetzt abgleichen", shown["buttons"][1]["label"])

    def test_every_text_is_translated(self):
        self.german()
        with open(self.plugin.module.__file__, encoding="utf-8") as stream:
            tree = ast.parse(stream.read())
        used = {node.args[0].value for node in ast.walk(tree)
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "_"}
        texts = gettext.translation("ucs-harden", localedir=self.folder, languages=["de"])._catalog
        self.assertEqual(used, {text for text in texts if text})
        for text in used:
            self.assertEqual(text.count("%s"), texts[text].count("%s"))
            self.assertEqual(text.count("%d"), texts[text].count("%d"))

    def test_only_what_UMC_has_is_imported(self):
        with open(self.plugin.module.__file__, encoding="utf-8") as stream:
            tree = ast.parse(stream.read())
        names = set()
        for node in tree.body:
            if isinstance(node, ast.Import):
                names |= {one.name for one in node.names}
            elif isinstance(node, ast.ImportFrom):
                names.add(node.module)
        others = {name for name in names if name.split(".")[0] not in sys.stdlib_module_names}
        self.assertEqual({"univention.lib.i18n", "univention.management.console.modules.diagnostic"}, others)


if __name__ == "__main__":
    unittest.main()
