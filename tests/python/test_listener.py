"""The listener module, with the stand-in for its base class and a folder instead of the listener's."""
import os
import stat
import sys
import tempfile
import time
import unittest

os.environ["UNIVENTION_BASECONF"] = tempfile.mkstemp()[1]  # not the registry of this machine
sys.path.insert(0, os.path.join(os.environ["UCS"], "usr/lib/univention-directory-listener/system"))
import ucs_harden  # noqa: E402

SERVER = {"objectClass": [b"person", b"univentionDomainController"], "cn": [b"dc2"], "aRecord": [b"10.99.1.10"]}
USER = {
    "objectClass": [b"person", b"univentionMail"], "uid": [b"boss"], "mailPrimaryAddress": [b"boss@company.my"],
    "userPassword": [b"1"], "employeeType": [b"staff"], "entryCSN": [b"1"],
}
DN = "uid=boss,cn=users,dc=company,dc=my"


class Listener(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        self.stamp = ucs_harden.STAMP = os.path.join(self.folder, "wanted")
        ucs_harden.REGISTRY = self.folder
        self.module = ucs_harden.UcsHarden()
        self.registry = {}
        self.module.ucr = self
        self.loads = 0

    # The registry.
    def load(self):
        self.loads += 1

    def get(self, key):
        return self.registry.get(key)

    def announced(self):
        """Whether the stamp was touched since the last call."""
        there = os.path.lexists(self.stamp)
        if there:
            os.unlink(self.stamp)
        return there

    def modified(self, old_dn=None, **changes):
        new = dict(USER, **changes)
        self.module.modify(DN, USER, {name: values for name, values in new.items() if values}, old_dn)
        return self.announced()

    def test_what_the_listener_reads(self):
        self.assertEqual("ucs_harden", ucs_harden.name)
        self.assertEqual([], ucs_harden.attributes)
        self.assertTrue(ucs_harden.filter.startswith("(|(objectClass=univentionDomainController)"))
        ucs_harden.handler(DN, USER, {}, "a")
        self.assertTrue(self.announced())
        ucs_harden.handler(DN, {}, USER, "d")
        self.assertTrue(self.announced())
        ucs_harden.handler(DN, {}, USER, "r")
        self.assertFalse(self.announced())
        ucs_harden.handler("uid=chief,dc=my", USER, {}, "a")
        self.assertTrue(self.announced(), "renamed")

    def test_objects_that_come_and_go(self):
        self.module.create("cn=dc2", SERVER)
        self.assertTrue(self.announced())
        self.module.remove("cn=dc2", SERVER)
        self.assertTrue(self.announced())
        self.assertTrue(self.modified(old_dn="uid=chief"))

    def test_which_attributes_count(self):
        self.assertTrue(self.modified(mailPrimaryAddress=[b"chief@company.my"]))
        self.assertTrue(self.modified(mailPrimaryAddress=[]))
        self.assertTrue(self.modified(ucsHardenSuspended=[b"TRUE"]))
        self.assertTrue(self.modified(ucsHardenSuspendedReason=[b"on leave"]))
        self.assertTrue(self.modified(uniqueMember=[b"uid=x"]))
        self.assertTrue(self.modified(univentionService=[b"SMTP"]))
        self.assertTrue(self.modified(aAAARecord=[b"fd99::1"]))
        self.assertFalse(self.modified(userPassword=[b"2"], entryCSN=[b"2"]))
        self.assertFalse(self.modified(objectClass=[b"univentionMail", b"person"]), "only the order")
        self.assertFalse(self.modified())

    def test_the_attribute_of_the_registry(self):
        self.assertFalse(self.modified(employeeType=[b"left"]))
        self.registry["mail/harden/suspended/attribute"] = "EmployeeType"
        self.assertFalse(self.modified(employeeType=[b"left"]), "nobody has written the registry")
        for layer in ("base", "base-ldap"):
            loads = self.loads
            with open(os.path.join(self.folder, layer + ".conf"), "w", encoding="ascii"):
                pass
            self.assertTrue(self.modified(employeeType=[b"left"]))
            self.assertTrue(self.modified(employeeType=[]))
            self.assertEqual(loads + 1, self.loads, "once for a change of the registry")
        self.assertFalse(self.modified(userPassword=[b"2"]))

    def test_a_registry_that_cannot_be_read(self):
        def broken():
            raise ValueError("broken")
        self.load = broken
        self.assertFalse(self.modified(employeeType=[b"left"]))
        self.assertTrue(self.modified(uid=[b"chief"]))

    def test_the_stamp(self):
        ucs_harden.announce()
        self.assertEqual(0o600, stat.S_IMODE(os.stat(self.stamp).st_mode))
        os.utime(self.stamp, (0, 0))
        ucs_harden.announce()
        self.assertAlmostEqual(time.time(), os.stat(self.stamp).st_mtime, delta=60)

    def test_what_cannot_be_written(self):
        other = os.path.join(self.folder, "other")
        os.symlink(other, self.stamp)
        ucs_harden.announce()
        self.assertFalse(os.path.exists(other), "a link is not followed")
        os.unlink(self.stamp)
        os.mkfifo(self.stamp)
        ucs_harden.announce()  # does not wait for a reader
        ucs_harden.STAMP = os.path.join(self.folder, "missing", "wanted")
        ucs_harden.announce()
        ucs_harden.STAMP = "/dev/full/wanted"
        ucs_harden.announce()


if __name__ == "__main__":
    unittest.main()
