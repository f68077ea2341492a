// Package current_test shows that the mail server follows the registry and the directory by itself: the handler of the
// registry and the listener module announce changes, the path unit starts the sync, and the sync applies them in the
// mode that is in force, once for each burst of changes.
//
// The lab plays systemd for the path unit, and has stand-ins for UCR and the listener. The units, the handler and the
// module are those of the package.
package current_test

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ucs-harden/tests/lab"
	"ucs-harden/tests/verdicts/table"
)

// limit is how long a change may take from the moment when it is the last one of its burst.
const limit = 30 * time.Second

// company is a lab whose mail server follows changes by itself.
type company struct {
	table.Company
	unit *lab.PathUnit
}

// newCompany brings up the company, whose mail server follows nothing before start.
func newCompany(t *testing.T, face lab.Face) *company {
	t.Helper()
	c := &company{Company: table.NewCompany(t, lab.Options{Face: face})}
	require.NoError(t, os.MkdirAll(c.Path("/var/lib/ucs-harden"), 0o700))
	require.NoError(t, os.Symlink("/usr/bin/ucs-harden", c.Path("/usr/sbin/ucs-harden")))
	c.UCR(t, "register", "ucs-harden") // announces a change
	return c
}

// start begins to watch the changes, until the test ends.
func (c *company) start(t *testing.T) {
	t.Helper()
	c.unit = c.WatchPaths(t, "ucs-harden-sync")
	require.NoError(t, c.Start(t.Context(), lab.Listener))
}

// settle waits until nothing starts a sync any more.
func (c *company) settle(t *testing.T) {
	t.Helper()
	deadline := time.Now().Add(3 * time.Minute)
	for !c.unit.Idle() {
		require.True(t, time.Now().Before(deadline), "syncs without end: %+v", c.unit.Runs())
		time.Sleep(20 * time.Millisecond)
	}
	c.Settled(t)
}

// burst is what happened after some changes.
type burst struct {
	changes []change         // new in the history
	runs    []lab.ServiceRun // of the sync
	took    time.Duration    // from the last change to the end of the last sync
}

// change is a change in the history.
type change struct {
	ID, State, Mode, By string
}

// after makes changes, of which something announces at least one, and waits until the syncs that they start have ended.
func (c *company) after(t *testing.T, changes func()) burst {
	t.Helper()
	runs, history := len(c.unit.Runs()), len(c.history(t))
	changes()
	last := time.Now()
	c.WaitFor(t, "an announcement", func() bool { return !c.unit.Idle() || len(c.unit.Runs()) > runs })
	c.settle(t)
	b := burst{runs: c.unit.Runs()[runs:], changes: c.history(t)[history:]}
	for _, run := range b.runs {
		require.NoError(t, run.Err)
		b.took = run.Ended.Sub(last)
	}
	t.Logf("%d syncs and %d changes, until %s after the last change", len(b.runs), len(b.changes), b.took)
	return b
}

func (c *company) history(t *testing.T) []change {
	t.Helper()
	var h struct{ Changes []change }
	require.NoError(t, json.Unmarshal([]byte(c.Harden(t, "history --json")), &h))
	return h.Changes
}

// followed checks that the changes were one transaction of one sync, in this mode and in time.
func (b burst) followed(t *testing.T, mode string) {
	t.Helper()
	require.Len(t, b.runs, 1)
	assert.Zero(t, b.runs[0].Result.Code, b.runs[0].Result.Stderr)
	assert.Empty(t, b.runs[0].Result.Stderr)
	require.Len(t, b.changes, 1)
	assert.Equal(t, "applied", b.changes[0].State)
	assert.Equal(t, mode, b.changes[0].Mode)
	assert.Contains(t, b.changes[0].By, "sync")
	assert.Less(t, b.took, limit)
}

// relays are the networks and addresses that may relay.
func (c *company) relays(t *testing.T) []string {
	t.Helper()
	networks := strings.ReplaceAll(c.Postconf(t, "mynetworks"), "/32", "")
	return strings.FieldsFunc(networks, func(r rune) bool { return r == ' ' || r == ',' })
}

// found is what a table has for a key, "" for nothing.
func (c *company) found(t *testing.T, key, tableName string) string {
	t.Helper()
	result, err := c.Mail().Run(t.Context(), "postmap", "-q", key, tableName)
	require.NoError(t, err)
	require.Empty(t, result.Stderr)
	return strings.TrimSpace(result.Stdout)
}

// server is the LDIF record of a new domain controller.
func server(name, address string) string {
	return fmt.Sprintf("dn: %s\nchangetype: add\nobjectClass: person\nobjectClass: univentionHost\n"+
		"objectClass: univentionDomainController\ncn: %s\nsn: %s\nassociatedDomain: company.my\n"+
		"univentionServerRole: slave\naRecord: %s\n\n", dnOf(name), name, name, address)
}

func dnOf(server string) string { return "cn=" + server + ",cn=dc,cn=computers,dc=company,dc=my" }

// moved and gone change a domain controller, member a group.
func moved(server, address string) string {
	return "dn: " + dnOf(server) + "\nchangetype: modify\nreplace: aRecord\naRecord: " + address + "\n\n"
}

func gone(server string) string { return "dn: " + dnOf(server) + "\nchangetype: delete\n\n" }

func member(change, group, uid string) string {
	return "dn: cn=" + group + ",cn=groups,dc=company,dc=my\nchangetype: modify\n" + change + ": uniqueMember\n" +
		"uniqueMember: uid=" + uid + ",cn=users,dc=company,dc=my\n\n"
}

// lines are the lines of a text, without empty ones.
func lines(text string) []string {
	return slices.DeleteFunc(strings.Split(text, "\n"), func(line string) bool { return line == "" })
}
