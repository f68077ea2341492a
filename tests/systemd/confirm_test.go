package systemd_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const journalFile = "/var/lib/ucs-harden/journal.json"

// apply applies with a deadline.
func apply(within time.Duration) []string {
	return []string{"ucs-harden", "apply", "--mode", "enforce", "--no-evidence", "--yes", "--no-rehearsal",
		"--confirm-within", within.String()}
}

// deadlines are the units that watch the deadline of an apply and are active.
func (m *machine) deadlines(t *testing.T) string {
	t.Helper()
	return m.ok(t, "systemctl", "list-units", "--plain", "--no-legend", "ucs-harden-confirm-*")
}

func (m *machine) waits() bool {
	_, err := os.Stat(m.Path(journalFile))
	return err == nil
}

func notConfirmed(t *testing.T, m *machine) {
	old := m.Configuration(t)
	m.ok(t, apply(8*time.Second)...)
	applied := time.Now()
	// On a slow machine the timer, which counts from before the apply, has already started its service.
	require.Regexp(t, `^ucs-harden-confirm-\S+\.(timer|service) +loaded active `, m.deadlines(t))
	require.NotEmpty(t, old.Diff(m.Configuration(t)), "it is not in effect")
	m.within(t, 2*time.Minute, "the way back", func() bool { return !m.waits() })
	assert.Greater(t, time.Since(applied), 6*time.Second, "it came back before the deadline")
	assert.Empty(t, old.Diff(m.Configuration(t)))
	m.within(t, 2*time.Minute, "the end of the timer's service", func() bool { return m.deadlines(t) == "" })
	assert.Contains(t, m.ok(t, "ucs-harden", "history"), " unconfirmed\n")
	assert.Contains(t, m.ok(t, "journalctl", "--boot", "--output=cat", "--identifier=ucs-harden"), "automatic-rollback")
}

func confirmed(t *testing.T, m *machine) {
	old := m.Configuration(t)
	m.ok(t, apply(time.Hour)...)
	require.NotEmpty(t, m.deadlines(t))
	m.ok(t, "ucs-harden", "confirm")
	assert.Empty(t, m.deadlines(t))
	assert.NotEmpty(t, old.Diff(m.Configuration(t)))
	m.ok(t, "ucs-harden", "rollback", "--yes")
	require.Empty(t, old.Diff(m.Configuration(t)))
}

// The timer does not survive the reboot. ucs-harden-recover.service sets it again.
func rebootedWhileItWaits(t *testing.T, m *machine) {
	old := m.Configuration(t)
	m.ok(t, apply(time.Hour)...)
	timer := m.deadlines(t)
	enforced := m.Configuration(t)
	m.reboot(t)
	assert.Contains(t, m.log(t, recoverUnit), " waits to be confirmed until ")
	assert.Equal(t, timer, m.deadlines(t))
	assert.Empty(t, enforced.Diff(m.Configuration(t)))
	m.ok(t, "ucs-harden", "rollback", "--yes")
	assert.Empty(t, m.deadlines(t))
	require.Empty(t, old.Diff(m.Configuration(t)))
}

func rebootedForTooLong(t *testing.T, m *machine) {
	old := m.Configuration(t)
	m.ok(t, apply(time.Hour)...)
	m.run(t, "systemctl", "poweroff")
	m.down(t, poweredOff)
	m.bringForward(t)
	m.boot(t)
	m.isBackBeforePostfix(t)
	assert.Empty(t, m.deadlines(t))
	assert.Contains(t, m.ok(t, "ucs-harden", "history"), " unconfirmed\n")
	require.Empty(t, old.Diff(m.Configuration(t)))
}

// isBackBeforePostfix checks that Postfix was started after recover had ended. Both ran in this boot.
func (m *machine) isBackBeforePostfix(t *testing.T) {
	t.Helper()
	require.NoFileExists(t, m.Path(journalFile))
	recovered := m.clock(t, recoverUnit, "ExecMainExitTimestampMonotonic")
	started := m.clock(t, postfixUnit, "InactiveExitTimestampMonotonic")
	assert.NotZero(t, recovered, "recover did not run")
	assert.Greater(t, started, recovered, "Postfix was started before the way back was complete")
	assert.Equal(t, "success\n", m.ok(t, "systemctl", "show", "--property=Result", "--value", recoverUnit))
}

// bringForward makes the deadline of a machine that is down one that is over.
func (m *machine) bringForward(t *testing.T) {
	t.Helper()
	path := m.Path(journalFile)
	content, err := os.ReadFile(path)
	require.NoError(t, err)
	var all map[string]any
	require.NoError(t, json.Unmarshal(content, &all))
	require.Equal(t, "confirm", all["kind"])
	all["deadline"] = time.Now().Add(-time.Minute).UTC()
	content, err = json.Marshal(all)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(path, content, 0o600))
}

// history are the changes that the history knows, oldest first.
func (m *machine) history(t *testing.T) []string {
	t.Helper()
	all, err := filepath.Glob(m.Path("/var/lib/ucs-harden/history") + "/*")
	require.NoError(t, err)
	for i, path := range all {
		all[i] = strings.TrimSpace(filepath.Base(path))
	}
	return all
}
