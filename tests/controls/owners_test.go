package controls_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"ucs-harden/tests/verdicts/table"
)

// holders are those who get each address as an alternative one.
var holders = map[string][]string{
	"info@company.my":  {"leaver", "employee"},
	"sales@company.my": {"intern", "employee"},
	"team@company.my":  {"boss", "employee"},
	"boss@company.my":  {"clerk"},
	"staff@company.my": {"leaver"},
	"gone@company.my":  {"leaver", "clerk"},
}

// Several may have one address. Who is stopped is stopped by login, and by sender only where the address is of stopped
// accounts alone; the same in the tables of a sync and in live lookups.
func TestAnAddressHasSeveralOwners(t *testing.T) {
	t.Parallel()
	tab := table.Read(t, "testdata/owners.txt")
	tab.Check(t)
	c := table.NewCompany(t)
	for address, uids := range holders {
		for _, uid := range uids {
			c.ChangeDirectory(t, alsoHas(uid, address))
		}
	}
	put(t, c, set{
		"mail/harden/suspended/account/clerk/account":   "clerk",
		"mail/harden/local-only/account/intern/account": "intern",
		"mail/harden/protected/list/team/address":       "team@company.my",
	})
	c.UCR(t, append([]string{"set"}, off(spine)...)...)
	untouched := c.Snapshot(t)
	before := c.Play(t, tab, "before")
	tab.Compare(t, "before", before)

	c.Harden(t, "apply --mode warn --yes")
	warn := c.Play(t, tab, "warn")
	tab.Compare(t, "warn", warn)
	tab.RefusesNothing(t, "warn", before, warn)
	c.Harden(t, "apply --mode enforce --no-evidence --yes")
	tab.Compare(t, "enforce", c.Play(t, tab, "enforce"))

	put(t, c, set{"mail/harden/suspended/lookup": "live", "mail/harden/local-only/lookup": "live"})
	c.Harden(t, "sync")
	c.ReloadPostfix(t)
	tab.Compare(t, "enforce", c.Play(t, tab, "enforce"))

	// One change in the directory must not stop what comes later.
	c.ChangeDirectory(t, alsoHas("intern", "employee@company.my"))
	assert.Contains(t, c.Harden(t, "suspend add full --reason phished --now"), "full is stopped now.")
	c.Harden(t, "sync")
	c.Harden(t, "suspend remove full --now")

	c.UCR(t, "unset", "mail/harden/suspended/lookup", "mail/harden/local-only/lookup")
	for range 4 { // no rollback takes back what has stopped an account, so that there may be fewer
		c.Harden(t, "rollback", 0, 1)
	}
	assert.Empty(t, untouched.Diff(c.Snapshot(t)), "what the rollbacks left")
}

// alsoHas is the LDIF that gives an account a further address.
func alsoHas(uid, address string) string {
	return "dn: uid=" + uid + ",cn=users,dc=company,dc=my\nchangetype: modify\n" +
		"add: mailAlternativeAddress\nmailAlternativeAddress: " + address + "\n"
}

// off gives each mode variable the value off.
func off(variables []string) []string {
	var out []string
	for _, variable := range variables {
		out = append(out, variable+"=off")
	}
	return out
}
