"""The check of the monitoring, with scripts for ucs-harden and ucr, and a folder in place of the exporter's."""
import importlib.machinery
import importlib.util
import io
import os
import re
import stat
import tempfile
import time
import unittest
from contextlib import redirect_stderr, redirect_stdout

SCRIPT = os.path.join(os.environ["UCS"], "usr/share/univention-monitoring-client/scripts/check_ucs_harden")
METRICS = '# HELP ucs_harden_up x\n# TYPE ucs_harden_up gauge\nucs_harden_up{instance="mail.company.my"} 1\n'


def load():
    loader = importlib.machinery.SourceFileLoader("check_ucs_harden", SCRIPT)
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("check_ucs_harden", loader))
    loader.exec_module(module)
    return module


class Check(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.bin, self.exporter = os.path.join(folder.name, "bin"), os.path.join(folder.name, "exporter")
        os.mkdir(self.bin)
        os.mkdir(self.exporter)
        self.check = load()
        self.check.FOLDER = self.exporter
        self.check.PROGRAM = self.program("ucs-harden", "cat <<'E'\n%sE\n" % METRICS)
        self.check.UCR = self.program("ucr", "case $2 in hostname) echo mail;; domainname) echo company.my;; esac\n")
        self.file = os.path.join(self.exporter, "ucs-harden.prom")

    def program(self, name, script):
        path = os.path.join(self.bin, name)
        with open(path, "w", encoding="utf-8") as stream:
            stream.write("#!/bin/sh\n" + script)
        os.chmod(path, stat.S_IRWXU)
        return path

    def run_check(self, *arguments):
        """Runs the check, and returns what it prints."""
        out = io.StringIO()
        with redirect_stdout(out), redirect_stderr(out):
            self.check.main(list(arguments))
        return out.getvalue()

    def written(self):
        with open(self.file, encoding="utf-8") as stream:
            return stream.read()

    def test_the_metrics(self):
        old = os.umask(0o077)
        self.addCleanup(os.umask, old)
        for _ in range(2):
            self.assertEqual("", self.run_check())
            self.assertEqual(METRICS, self.written())
        self.assertEqual(0o644, stat.S_IMODE(os.lstat(self.file).st_mode))
        self.assertEqual(["ucs-harden.prom"], os.listdir(self.exporter))

    def test_what_fails_is_a_metric(self):
        for script in ("echo half; exit 1\n", "exit 0\n", "echo other\n",
                       "echo '# HELP ucs_harden_up x'; printf half\n", "exec sleep 600\n", "sleep 600 & wait\n"):
            with self.subTest(script=script):
                self.program("ucs-harden", script)
                self.check.PATIENCE = 1 if "sleep" in script else 60
                self.assertEqual("", self.run_check())
                self.assertRegex(self.written(), re.compile(
                    r'\A# HELP ucs_harden_up [^\n]+\n# TYPE ucs_harden_up gauge\n'
                    r'ucs_harden_up\{instance="mail\.company\.my"\} 0\n'
                    r'# HELP ucs_harden_collected_timestamp_seconds [^\n]+\n# TYPE [^\n]+ gauge\n'
                    r'ucs_harden_collected_timestamp_seconds\{instance="mail\.company\.my"\} \d+\n\Z'))
                self.assertIn(self.check.PROGRAM, self.run_check("-v"))
        os.unlink(self.check.PROGRAM)
        self.assertEqual("", self.run_check())
        self.assertIn("ucs_harden_up{", self.written())
        os.unlink(self.check.UCR)
        self.assertEqual("", self.run_check())
        self.assertIn('instance="%s"' % os.uname().nodename, self.written())

    def test_switched_off(self):
        for value, off in (("yes", True), ("True", True), ("1", True), ("no", False), ("", False)):
            with self.subTest(value=value):
                self.program("ucr", '[ "$*" = "get monitoring/plugin/check_ucs_harden/disabled" ] && echo %s\n' % value)
                self.run_check()
                self.assertEqual(not off, os.path.exists(self.file))
                if not off:
                    os.unlink(self.file)

    def test_links_are_not_followed(self):
        other = os.path.join(self.bin, "other")
        with open(other, "w", encoding="ascii") as stream:
            stream.write("mine")
        os.chmod(other, 0o600)
        for name in (".ucs-harden.prom.new", "ucs-harden.prom"):
            os.symlink(other, os.path.join(self.exporter, name))
        self.assertEqual("", self.run_check())
        with open(other, encoding="ascii") as stream:
            self.assertEqual("mine", stream.read())
        self.assertEqual(0o600, stat.S_IMODE(os.lstat(other).st_mode))
        self.assertFalse(os.path.islink(self.file))
        self.assertEqual(METRICS, self.written())

    def test_nothing_is_written_where_nobody_reads(self):
        os.rmdir(self.exporter)
        self.assertEqual("", self.run_check())
        self.assertFalse(os.path.exists(self.exporter))
        self.assertIn("No such file", self.run_check("--verbose"))

    def test_the_second_of_two_leaves_it_to_the_first(self):
        self.program("ucs-harden", "cd %s; touch begun; while [ ! -e go ]; do sleep 0.02; done\n" % self.bin)
        child = os.fork()
        if child == 0:
            self.check.main([])
            os._exit(0)
        while not os.path.exists(self.bin + "/begun"):
            time.sleep(0.01)
        self.check.PROGRAM = self.program("other", "touch %s/second\n" % self.bin)
        self.assertEqual("", self.run_check())
        self.assertFalse(os.path.exists(self.bin + "/second"))
        with open(self.bin + "/go", "w", encoding="ascii"):
            pass
        os.waitpid(child, 0)
        self.assertTrue(os.path.exists(self.file))

    def test_what_cannot_be_put_in_place(self):
        os.mkdir(self.file)
        self.assertEqual("", self.run_check())
        self.assertEqual(["ucs-harden.prom"], os.listdir(self.exporter))


if __name__ == "__main__":
    unittest.main()
