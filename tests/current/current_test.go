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
)

// TestCurrent follows one server. Each part begins with the state that the part before left.
func TestCurrent(t *testing.T) {
	t.Parallel()
	c := newCompany(t, lab.UCS52)
	t.Run("what is off stays off", func(t *testing.T) { c.nothingHappens(t) })
	t.Run("the handler costs nothing", func(t *testing.T) { c.handlerIsQuick(t) })
	t.Run("a mode in the registry is applied", func(t *testing.T) {
		c.after(t, func() { c.UCR(t, "set", "mail/harden/mode=warn", "mail/harden/local-only/account/restricted/group=restricted") }).followed(t, "warn")
	})
	c.Harden(t, "apply --mode enforce --no-evidence --yes --no-rehearsal")
	require.True(t, c.unit.Idle(), "an apply announces nothing")
	c.follows(t, "enforce")
	t.Run("a burst of 200 changes", func(t *testing.T) { c.manyAtOnce(t) })
	t.Run("a change during a sync", func(t *testing.T) { c.meanwhile(t) })
	t.Run("a rollback pauses", func(t *testing.T) { c.pauses(t) })
}

// TestCurrentOn50 is the same on UCS 5.0, in mode warn.
func TestCurrentOn50(t *testing.T) {
	t.Parallel()
	c := newCompany(t, lab.UCS50)
	c.after(t, func() {
		c.UCR(t, "set", "mail/harden/mode=warn", "mail/harden/local-only/account/restricted/group=restricted")
	}).followed(t, "warn")
	c.follows(t, "warn")
}

func (c company) nothingHappens(t *testing.T) {
	before := c.Configuration(t)
	mail := c.MailLog()
	b := c.after(t, func() {
		c.ChangeDirectory(t, server("branch2", "10.99.1.22")+member("add", "restricted", "boss"))
		c.UCR(t, "set", "mail/harden/relay/systems=10.99.1.60", "mail/harden/suspended/text=Gone")
		c.UCR(t, "unset", "mail/harden/relay/systems", "mail/harden/suspended/text")
	})
	c.after(t, func() { c.ChangeDirectory(t, gone("branch2")+member("delete", "restricted", "boss")) })
	for _, run := range c.unit.Runs() {
		assert.Equal(t, lab.Result{}, run.Result)
	}
	assert.NotEmpty(t, b.runs)
	assert.Empty(t, c.history(t))
	assert.Empty(t, before.Diff(c.Configuration(t)))
	assert.NotContains(t, strings.TrimPrefix(c.MailLog(), mail), "reload")
}

// handlerIsQuick runs the handler as UCR does, where it finds no program at all: so it has done its work by itself.
func (c company) handlerIsQuick(t *testing.T) {
	run := func(environment ...string) {
		t.Helper()
		argv := append(append([]string{"env", "-i", "PATH=/nowhere"}, environment...), "/bin/sh", "-c", handler+" generate")
		result, err := c.Mail().RunInput(t.Context(), "\x00@%@garbage", argv...)
		require.NoError(t, err)
		assert.Equal(t, lab.Result{}, result)
	}
	said, err := c.Mail().Run(t.Context(), "ucr", "set", "mail/hosteddomains=company.local company.my")
	require.NoError(t, err)
	assert.Empty(t, said.Stderr)
	for _, line := range lines(said.Stdout) {
		assert.Regexp(t, `^(Setting mail/hosteddomains|(Multifile|File): /etc/postfix/\S+|Script: `+handler+`)$`, line, "UCR's own words")
	}
	c.settle(t)

	run("UCS_HARDEN_CHANGE=yes")
	assert.NoFileExists(t, c.Path(stamp), "a change of our own")
	folder := c.Path("/var/lib/ucs-harden")
	require.NoError(t, os.Rename(folder, folder+".away"))
	run()
	require.NoError(t, os.Rename(folder+".away", folder))
	require.NoError(t, os.Symlink("/tmp/elsewhere", c.Path(stamp)))
	run()
	assert.NoFileExists(t, c.Path("/tmp/elsewhere"))
	c.settle(t)
	require.NoError(t, c.Mail().LimitDisk(0))
	run()
	require.NoError(t, c.Mail().UnlimitDisk())
	run()
	c.settle(t)
	assert.NoFileExists(t, c.Path(stamp))
}

// follows changes the registry and the directory in bursts.
func (c company) follows(t *testing.T, mode string) {
	t.Run("a domain, a server and a member are added", func(t *testing.T) {
		require.Empty(t, c.found(t, "new.example", domains))
		c.after(t, func() {
			c.UCR(t, "set", "mail/hosteddomains= new.example  company.my company.local ") // as UCS's listener may write it
			c.ChangeDirectory(t, server("branch2", "10.99.1.22"))
			c.ChangeDirectory(t, member("add", "restricted", "boss"))
		}).followed(t, mode)
		assert.NotEmpty(t, c.found(t, "new.example", domains))
		assert.Contains(t, c.relays(t), "10.99.1.22")
		assert.NotEmpty(t, c.found(t, "chief@company.my", restricted))
	})
	t.Run("the domain is removed, and the server moves", func(t *testing.T) {
		c.after(t, func() {
			c.ChangeDirectory(t, moved("branch2", "10.99.1.23"))
			c.UCR(t, "set", "mail/hosteddomains=company.my company.local")
		}).followed(t, mode)
		assert.Empty(t, c.found(t, "new.example", domains))
		assert.Contains(t, c.relays(t), "10.99.1.23")
		assert.NotContains(t, c.relays(t), "10.99.1.22")
	})
	t.Run("the server and the member are removed", func(t *testing.T) {
		c.after(t, func() {
			c.ChangeDirectory(t, gone("branch2")+member("delete", "restricted", "boss"))
		}).followed(t, mode)
		assert.NotContains(t, c.relays(t), "10.99.1.23")
		assert.Empty(t, c.found(t, "chief@company.my", restricted))
	})
	t.Run("what no table is made of starts no sync", func(t *testing.T) {
		b := c.after(t, func() {
			c.ChangeDirectory(t, "dn: uid=boss,cn=users,dc=company,dc=my\nchangetype: modify\nreplace: userPassword\nuserPassword: lab-boss\n")
			c.ChangeDirectory(t, "dn: uid=boss,cn=users,dc=company,dc=my\nchangetype: modify\nreplace: sn\nsn: Boss\n")
			c.UCR(t, "set", "version/version=5.2")
			c.listenerHasSeen(t)
		})
		assert.Len(t, b.runs, 1, "that of listenerHasSeen")
		assert.Empty(t, b.changes)
	})
}

// listenerHasSeen makes a change that no table needs but the module announces, and waits for the announcement: so all
// earlier changes are through.
func (c company) listenerHasSeen(t *testing.T) {
	t.Helper()
	const wanted = "/var/lib/univention-directory-listener/ucs-harden-sync-wanted"
	assert.NoFileExists(t, c.Path(wanted))
	c.ChangeDirectory(t, "dn: cn=office,cn=groups,dc=company,dc=my\nchangetype: modify\nreplace: cn\ncn: office\ncn: Büro\n")
	c.WaitFor(t, "the listener module", func() bool { _, err := os.Lstat(c.Path(wanted)); return err == nil })
}

// manyAtOnce makes 200 changes. Only what the last ones say counts in the end.
func (c company) manyAtOnce(t *testing.T) {
	const registry, directory = 40, 160
	b := c.after(t, func() {
		var script, changes strings.Builder
		script.WriteString("set -e\n")
		for n := range registry {
			fmt.Fprintf(&script, "ucr set mail/harden/relay/systems=10.99.2.%d >/dev/null\n", n+1)
		}
		changes.WriteString(server("branch3", "10.99.3.1"))
		for n := range directory - 1 {
			changes.WriteString(moved("branch3", fmt.Sprintf("10.99.3.%d", n+2)))
		}
		done := make(chan struct{})
		go func() {
			defer close(done)
			result, err := c.Mail().Run(t.Context(), "sh", "-c", script.String())
			assert.NoError(t, err)
			assert.Equal(t, lab.Result{}, result, "nothing on standard error")
		}()
		c.ChangeDirectory(t, changes.String())
		<-done
	})
	assert.LessOrEqual(t, len(b.runs), 2)
	assert.NotEmpty(t, b.changes)
	assert.LessOrEqual(t, len(b.changes), 2)
	assert.Less(t, b.took, limit)
	var added []string
	for _, network := range c.relays(t) {
		if strings.HasPrefix(network, "10.99.2.") || strings.HasPrefix(network, "10.99.3.") {
			added = append(added, network)
		}
	}
	assert.ElementsMatch(t, []string{fmt.Sprintf("10.99.2.%d", registry), fmt.Sprintf("10.99.3.%d", directory)}, added)
}

// meanwhile changes the registry when the sync has taken the announcement of an earlier change.
func (c company) meanwhile(t *testing.T) {
	b := c.after(t, func() {
		c.UCR(t, "set", "mail/harden/relay/systems=10.99.2.100")
		c.WaitFor(t, "a sync that reads", func() bool { _, err := os.Lstat(c.Path(stamp)); return err != nil })
		c.UCR(t, "set", "mail/harden/relay/systems=10.99.2.101")
	})
	assert.Len(t, b.runs, 2)
	assert.Contains(t, c.relays(t), "10.99.2.101")
	assert.NotContains(t, c.relays(t), "10.99.2.100")
}

func (c company) pauses(t *testing.T) {
	c.Harden(t, "rollback")
	require.True(t, c.unit.Idle(), "a rollback announces nothing")
	before := c.Configuration(t)
	b := c.after(t, func() { c.ChangeDirectory(t, gone("branch3")) })
	assert.Len(t, b.runs, 1)
	assert.Empty(t, b.changes)
	assert.Empty(t, before.Diff(c.Configuration(t)))
	began := time.Now()
	c.Harden(t, "sync --resume")
	assert.NotContains(t, strings.Join(c.relays(t), " "), "10.99.3.")
	assert.Less(t, time.Since(began), limit)
}
