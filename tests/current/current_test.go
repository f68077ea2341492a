package current_test

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ucs-harden/tests/lab"
)

const (
	stamp   = "/var/lib/ucs-harden/sync-wanted"
	handler = "/etc/univention/templates/scripts/ucs-harden-sync"
	// The tables of mail domains and of those who may only write inside.
	domains    = "hash:/etc/postfix/check_custom_sender_access"
	restricted = "hash:/etc/postfix/ucs-harden/local-only-senders"
	restrict   = "mail/harden/local-only/account/restricted/group=restricted"
)

// TestCurrent follows one server. Each part begins with the state that the part before left.
func TestCurrent(t *testing.T) {
	t.Parallel()
	c := newCompany(t, lab.UCS52)
	t.Run("the handler needs no program, and fails silently", func(t *testing.T) { c.handlerOnlyTouches(t) })
	c.start(t)
	t.Run("what is off stays off", func(t *testing.T) { c.nothingHappens(t) })
	t.Run("a mode in the registry is applied", func(t *testing.T) {
		c.after(t, func() { c.UCR(t, "set", "mail/harden/mode=warn", restrict) }).followed(t, "warn")
	})
	c.Harden(t, "apply --mode enforce --no-evidence --yes --no-rehearsal")
	require.True(t, c.unit.Idle(), "an apply announces nothing")
	t.Run("a domain, a server and a member are added", func(t *testing.T) {
		c.after(t, func() { c.add(t) }).followed(t, "enforce")
		c.hasAdded(t)
	})
	t.Run("the domain is removed, and the server moves", func(t *testing.T) {
		c.after(t, func() {
			c.ChangeDirectory(t, moved("branch2", "10.99.1.23"))
			c.UCR(t, "set", "mail/hosteddomains=company.my company.local")
		}).followed(t, "enforce")
		assert.Empty(t, c.found(t, "new.example", domains))
		assert.Contains(t, c.relays(t), "10.99.1.23")
		assert.NotContains(t, c.relays(t), "10.99.1.22")
	})
	t.Run("the server and the member are removed", func(t *testing.T) {
		c.after(t, func() {
			c.ChangeDirectory(t, gone("branch2")+member("delete", "restricted", "boss"))
		}).followed(t, "enforce")
		assert.NotContains(t, c.relays(t), "10.99.1.23")
		assert.Empty(t, c.found(t, "chief@company.my", restricted))
	})
	t.Run("a burst of 200 changes, and one while its sync runs", func(t *testing.T) { c.manyAtOnce(t) })
	c.Harden(t, "rollback")
	require.True(t, c.unit.Idle(), "a rollback announces nothing")
}

// TestCurrentOn50 is one burst on UCS 5.0.
func TestCurrentOn50(t *testing.T) {
	t.Parallel()
	c := newCompany(t, lab.UCS50)
	c.start(t)
	c.after(t, func() {
		c.UCR(t, "set", "mail/harden/mode=warn", restrict)
		c.add(t)
	}).followed(t, "warn")
	c.hasAdded(t)
}

// add changes what the tables are made of: a mail domain, a domain controller, and a member of the restricted group.
func (c *company) add(t *testing.T) {
	c.UCR(t, "set", "mail/hosteddomains= new.example  company.my company.local ") // as the listener of UCS may write it
	c.ChangeDirectory(t, server("branch2", "10.99.1.22"))
	c.ChangeDirectory(t, member("add", "restricted", "boss"))
}

func (c *company) hasAdded(t *testing.T) {
	assert.NotEmpty(t, c.found(t, "new.example", domains))
	assert.Contains(t, c.relays(t), "10.99.1.22")
	assert.NotEmpty(t, c.found(t, "chief@company.my", restricted))
}

// nothingHappens includes the first run of the listener module, which announces every object.
func (c *company) nothingHappens(t *testing.T) {
	before, begin := c.Configuration(t), len(c.MailLog())
	b := c.after(t, func() {
		c.UCR(t, "set", "mail/harden/relay/systems=10.99.1.60", "mail/harden/suspended/text=Gone")
		c.ChangeDirectory(t, server("branch3", "10.99.3.1"))
		c.UCR(t, "unset", "mail/harden/relay/systems", "mail/harden/suspended/text")
	})
	assert.Len(t, b.runs, 1)
	assert.Equal(t, lab.Result{}, b.runs[0].Result)
	assert.Empty(t, c.history(t))
	assert.Empty(t, before.Diff(c.Configuration(t)))
	assert.NotContains(t, c.MailLog()[begin:], "reload")
}

// handlerOnlyTouches runs the handler as UCR does, where it finds no program at all: what it does costs no more than a
// shell.
func (c *company) handlerOnlyTouches(t *testing.T) {
	run := func(environment ...string) {
		t.Helper()
		argv := append(append([]string{"env", "-i", "PATH=/nowhere"}, environment...), "/bin/sh", "-c", handler+" generate")
		result, err := c.Mail().RunInput(t.Context(), "\x00@%@garbage", argv...)
		require.NoError(t, err)
		assert.Equal(t, lab.Result{}, result)
	}
	remove := func() { require.NoError(t, os.Remove(c.Path(stamp))) }

	remove() // that of ucr register
	run()
	past := time.Now().Add(-time.Hour)
	require.NoError(t, os.Chtimes(c.Path(stamp), past, past))
	run()
	info, err := os.Stat(c.Path(stamp))
	require.NoError(t, err)
	assert.Greater(t, info.ModTime(), past, "touched again")
	remove()
	run("UCS_HARDEN_CHANGE=yes")
	assert.NoFileExists(t, c.Path(stamp), "a change of our own")
	require.NoError(t, os.Symlink("/tmp/elsewhere", c.Path(stamp)))
	run()
	assert.NoFileExists(t, c.Path("/tmp/elsewhere"), "a link is not followed")
	remove()

	folder := c.Path("/var/lib/ucs-harden")
	require.NoError(t, os.Rename(folder, folder+".away"))
	run()
	require.NoError(t, os.Rename(folder+".away", folder))
	require.NoError(t, c.Mail().LimitDisk(0))
	run()
	require.NoError(t, c.Mail().UnlimitDisk())

	said, err := c.Mail().Run(t.Context(), "ucr", "set", "mail/hosteddomains=company.local company.my")
	require.NoError(t, err)
	assert.FileExists(t, c.Path(stamp))
	assert.Empty(t, said.Stderr)
	ucrs := `^(Setting mail/hosteddomains|(Multifile|File): /etc/postfix/\S+|Script: ` + handler + `)$`
	for _, line := range lines(said.Stdout) {
		assert.Regexp(t, ucrs, line)
	}
}

// manyAtOnce makes 200 changes, and another one when their sync has removed the announcements. Only the last ones count
// in the end, and nothing is lost.
func (c *company) manyAtOnce(t *testing.T) {
	const registry, directory = 40, 160
	var script, changes strings.Builder
	script.WriteString("set -e\n")
	for n := range registry {
		fmt.Fprintf(&script, "ucr set mail/harden/relay/systems=10.99.2.%d >/dev/null\n", n+1)
	}
	for n := range directory {
		changes.WriteString(moved("branch3", fmt.Sprintf("10.99.3.%d", n+1)))
	}
	b := c.after(t, func() {
		done := make(chan struct{})
		go func() {
			defer close(done)
			result, err := c.Mail().Run(t.Context(), "sh", "-c", script.String())
			assert.NoError(t, err)
			assert.Equal(t, lab.Result{}, result, "nothing on standard error")
		}()
		c.ChangeDirectory(t, changes.String())
		<-done
		c.WaitFor(t, "a sync that reads", func() bool { _, err := os.Lstat(c.Path(stamp)); return err != nil })
		c.UCR(t, "set", "mail/harden/language=de")
	})
	assert.LessOrEqual(t, len(b.runs), 3)
	assert.GreaterOrEqual(t, len(b.runs), 2, "the last change came after the sync for the others had begun")
	assert.NotEmpty(t, b.changes)
	assert.LessOrEqual(t, len(b.changes), 3)
	assert.Less(t, b.took, limit)
	var added []string
	for _, network := range c.relays(t) {
		if strings.HasPrefix(network, "10.99.2.") || strings.HasPrefix(network, "10.99.3.") {
			added = append(added, network)
		}
	}
	assert.ElementsMatch(t, []string{fmt.Sprintf("10.99.2.%d", registry), fmt.Sprintf("10.99.3.%d", directory)}, added)
	c.Harden(t, "plan") // nothing is left to do, the last change included
}
