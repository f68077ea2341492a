package faults_test

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"ucs-harden/tests/lab"
)

// breakages are what somebody may delete or break in mode enforce.
var breakages = map[string]string{
	"the sender table is gone":         "rm /etc/postfix/check_custom_sender_access /etc/postfix/check_custom_sender_access.db",
	"a compiled table is gone":         "rm /etc/postfix/check_custom_sender_access.db",
	"the restriction classes are gone": "rm /etc/postfix/ucs-harden/main.cf",
	"all our tables are gone":          "find /etc/postfix/ucs-harden -type f -delete",
	"Postfix is not running":           "postfix stop",
}

// remedies bring back the state of mode enforce, or that before it.
var remedies = []struct {
	command string
	back    bool
}{
	{"sync", false}, {"apply --mode enforce --no-evidence --yes", false}, {"rollback", true},
}

// TestRepair breaks something, and lets each command put it right that knows how it should be. It takes every pair of both
// if the test is thorough, and otherwise one remedy for each breakage.
func TestRepair(t *testing.T) {
	t.Parallel()
	c := newCompany(t)
	old := c.beforeRaces(t)
	c.harden(t, applyEnforce, 0)
	next := c.state(t)
	c.harden(t, "rollback", 0)
	for n, sentence := range slices.Sorted(maps.Keys(breakages)) {
		for i, remedy := range remedies {
			if !lab.Thorough() && i != n%len(remedies) {
				continue
			}
			t.Run(fmt.Sprintf("%s, %s", sentence, remedy.command), func(t *testing.T) {
				defer c.calm(t, old)
				defer c.restartPostfix(t)
				c.harden(t, applyEnforce, 0)
				said, err := c.Mail().Run(t.Context(), "sh", "-c", breakages[sentence])
				require.NoError(t, err)
				require.Zero(t, said.Code, said.Stderr)
				c.harden(t, remedy.command, 0)
				if remedy.back {
					c.mustMean(t, old.state)
				} else {
					c.mustMean(t, next)
				}
			})
		}
	}
}

// TestARepairIsTakenBack takes back the sync that has mended something: what the configuration names stays, in whatever list,
// class or table it stands.
func TestARepairIsTakenBack(t *testing.T) {
	t.Parallel()
	c := newCompany(t)
	old := c.beforeRaces(t)
	c.harden(t, applyEnforce, 0)
	next := c.state(t)
	for _, sentence := range slices.Sorted(maps.Keys(breakages)) {
		if sentence == "Postfix is not running" {
			continue // a sync has nothing to mend
		}
		t.Run(sentence, func(t *testing.T) {
			said, err := c.Mail().Run(t.Context(), "sh", "-c", breakages[sentence])
			require.NoError(t, err)
			require.Zero(t, said.Code, said.Stderr)
			c.harden(t, "sync --resume", 0) // after the rollback before
			c.mustMean(t, next)
			c.harden(t, "rollback", 0)
			c.mustMean(t, next)
		})
	}
	c.calm(t, old)
}

// restartPostfix starts Postfix anew, also where it does not run.
func (c *company) restartPostfix(t *testing.T) {
	t.Helper()
	if c.Running(lab.Postfix) {
		require.NoError(t, c.Stop(t.Context(), lab.Postfix))
	}
	require.NoError(t, c.Start(t.Context(), lab.Postfix))
}
