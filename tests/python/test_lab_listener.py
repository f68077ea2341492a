"""The lab's stand-in for the listener: what it makes of the words of ldapsearch, and which modules it calls when."""
import os
import types
import unittest

from univention.lab import listener

# As ldapsearch -L prints entries, the end of the first answer, a change and a removal.
SAID = b"""version: 1

#
# LDAPv3

# groups, company.my
dn: cn=groups,dc=my
# control: 1.3.6.1.4.1.4203.1.9.1.2 false MBUK
cn: groups
entryUUID: 1

# office
dn: cn=office,dc=my
cn:: QsO8cm8=
cn: office
entryUUID: 2

# SyncInfo Received

# office
dn: cn=office,dc=my
cn: office
entryUUID: 2

# groups
dn: cn=groups,dc=my
"""


class Words(unittest.TestCase):
    def test_records(self):
        read, write = os.pipe()
        os.write(write, SAID)
        with open(read, "rb", buffering=0) as stream:
            records = listener.records(stream)
            first = [next(records) for _ in range(4)]
            self.assertIs(listener.REFRESHED, first[2])
            self.assertEqual([
                ("cn=groups,dc=my", {"cn": [b"groups"], "entryUUID": [b"1"]}),
                ("cn=office,dc=my", {"cn": ["Büro".encode(), b"office"], "entryUUID": [b"2"]}),
                ("cn=office,dc=my", {"cn": [b"office"], "entryUUID": [b"2"]}),
            ], [listener.parse(record) for record in first if record is not listener.REFRESHED])
            self.assertEqual(("cn=groups,dc=my", {}), listener.parse(next(records)), "although nothing follows")
            os.close(write)
            self.assertEqual([], list(records))

    def test_filters(self):
        entry = {"objectClass": [b"person", b"univentionMail"], "uid": [b"boss"]}
        for text, matches in (
            ("(objectClass=person)", True),
            ("(objectclass=person)", False),  # capitals count
            ("(|(objectClass=univentionGroup)(objectClass=univentionMail))", True),
            ("(&(objectClass=person)(uid=clerk))", False),
            ("(&(objectClass=person)(!(uid=clerk)))", True),
        ):
            self.assertIs(matches, listener.matches(text, entry), text)


class Calls(unittest.TestCase):
    def setUp(self):
        self.calls = []
        self.module = listener.Module.__new__(listener.Module)
        self.module.called = set()
        self.module.file = types.SimpleNamespace(filter="(cn=a)", attributes=[], handler=self.called)

    def called(self, dn, new, old, command):
        self.calls.append((command, dn))

    def test_which_changes_are_told(self):
        a, b = {"cn": [b"a"]}, {"cn": [b"b"]}
        self.module.update("1", "cn=a", a, {}, None)
        self.module.update("1", "cn=a", dict(a, sn=[b"x"]), a, None)
        self.module.update("1", "cn=a,ou=x", a, a, "cn=a")
        self.module.update("1", "cn=b", b, a, None)  # no longer matches
        self.module.remove("1", "cn=b", b)
        self.module.remove("2", "cn=c", b)  # never matched
        self.assertEqual([("a", "cn=a"), ("m", "cn=a"), ("r", "cn=a"), ("a", "cn=a,ou=x"), ("d", "cn=b")], self.calls)

    def test_attributes(self):
        self.module.file.attributes = ["cn"]
        a = {"cn": [b"a"]}
        self.module.update("1", "cn=a", a, {}, None)
        self.module.update("1", "cn=a", dict(a, sn=[b"x"]), a, None)
        self.module.update("1", "cn=a", dict(a, cn=[b"a", b"b"]), a, None)
        self.assertEqual(["a", "m"], [command for command, _ in self.calls])


if __name__ == "__main__":
    unittest.main()
