// Package systemd_test installs the package on a machine with a real systemd, and watches what systemd then does
// without anybody's help: the path unit and the timer start syncs in their sandbox, an apply that is not confirmed is
// taken back at its deadline, and what a reboot or a crash interrupted is finished before Postfix starts.
//
// The machine is a fresh Debian under systemd-nspawn(1), furnished as the mail server of the lab, with its directory
// and its DNS. Each boot has an uptime of its own, as on a real machine. The boots are counted: all parts of a story
// share one machine, and each leaves it with the controls as the next one expects them.
package systemd_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const (
	pathUnit    = "ucs-harden-sync.path"
	timerUnit   = "ucs-harden-sync.timer"
	retryUnit   = "ucs-harden-sync-retry.timer"
	syncUnit    = "ucs-harden-sync.service"
	recoverUnit = "ucs-harden-recover.service"
	postfixUnit = "postfix@-.service"
)

func TestSystemd(t *testing.T) {
	m := newCompany(t)
	m.boot(t)
	for _, part := range []struct {
		sentence string
		is       func(*testing.T, *machine)
	}{
		{"the package is installed: the units wait, and the mail server does not change", installed},
		{"a mode is set in the registry: the sync applies it", setInTheRegistry},
		{"a change during a sync is not lost", changedDuringASync},
		{"many changes meet no limit of starts", manyChanges},
		{"an entry expires: the timer's sync ends it", expired},
		{"a sync fails: it is tried again, and the failure mends itself", failedAndMended},
		{"the sandbox of the sync", sandboxed},
		{"an apply is not confirmed: the timer takes it back", notConfirmed},
		{"an apply is confirmed: the timer is gone", confirmed},
		{"a reboot while an apply waits: it goes on waiting", rebootedWhileItWaits},
		{"a reboot that lasts longer than the deadline: Postfix starts with the old configuration", rebootedForTooLong},
		{"the power fails during an apply: Postfix starts with the old configuration", powerFailure},
		{"the package is removed and purged: no unit is left", removed},
	} {
		if !t.Run(part.sentence, func(t *testing.T) { part.is(t, m) }) {
			return // the next part would not find what it expects
		}
	}
}

func installed(t *testing.T, m *machine) {
	before, master := m.meaning(t), m.master(t)
	registry := m.ok(t, "ucr", "dump")
	m.install(t)
	for _, unit := range []string{pathUnit, timerUnit} {
		assert.Equal(t, "active\n", m.run(t, "systemctl", "is-active", unit).Stdout, unit)
	}
	for _, unit := range []string{pathUnit, timerUnit, recoverUnit} {
		assert.Equal(t, "enabled\n", m.run(t, "systemctl", "is-enabled", unit).Stdout, unit)
	}
	m.settled(t)
	require.Empty(t, m.ok(t, "systemctl", "--failed", "--plain", "--no-legend"))
	assert.Equal(t, before, m.meaning(t))
	assert.Equal(t, registry, m.ok(t, "ucr", "dump"))
	assert.Equal(t, master, m.master(t), "Postfix was started anew")
	assert.NotContains(t, m.MailLog(), " reload ")
	assert.Empty(t, m.history(t))
}

func removed(t *testing.T, m *machine) {
	m.ok(t, "ucs-harden", "apply", "--mode", "off", "--yes")
	m.ok(t, "systemctl", "start", retryUnit)
	m.ok(t, "dpkg", "--remove", "ucs-harden")
	none := func() {
		t.Helper()
		assert.Empty(t, m.ok(t, "systemctl", "list-units", "--plain", "--no-legend", "ucs-harden*"))
		for _, unit := range []string{pathUnit, timerUnit, retryUnit, syncUnit, recoverUnit} {
			assert.NotEqual(t, "active\n", m.run(t, "systemctl", "is-active", unit).Stdout, unit)
			assert.NotEqual(t, "enabled\n", m.run(t, "systemctl", "is-enabled", unit).Stdout, unit)
		}
		require.Empty(t, m.ok(t, "systemctl", "--failed", "--plain", "--no-legend"))
	}
	none()
	m.ok(t, "dpkg", "--purge", "ucs-harden")
	none()
	assert.Empty(t, m.run(t, "systemctl", "list-unit-files", "--no-legend", "ucs-harden*").Stdout)
	assert.Empty(t, m.ok(t, "find", "/etc/systemd", "/run/systemd", "/var/lib/systemd", "-name", "*ucs-harden*"))
}
