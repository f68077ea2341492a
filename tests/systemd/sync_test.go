package systemd_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Nobody calls ucs-harden: the registry is all that changes. The rehearsal, with its private Postfix, is part of the
// sync.
func setInTheRegistry(t *testing.T, m *machine) {
	m.ok(t, "ucr", "set", "mail/harden/mode=warn")
	m.settled(t)
	require.Len(t, m.history(t), 1)
	assert.Regexp(t, `Mode +warn\n`, m.ok(t, "ucs-harden", "status"))
	m.asPlanned(t)
	said := m.log(t, syncUnit)
	assert.Regexp(t, `\d+ test messages: \d+ answered differently, none unexpectedly`, said)
	assert.Contains(t, said, "\nApplied in mode warn as "+m.history(t)[0])
	assert.Equal(t, "success\n", m.ok(t, "systemctl", "show", "--property=Result", "--value", syncUnit))
}

// The second change comes when the sync has read the registry, rehearsed the first one, and begun to apply it.
func changedDuringASync(t *testing.T, m *machine) {
	before := len(m.history(t))
	m.ok(t, "ucr", "set", "mail/harden/local-only/account/clerk/account=clerk")
	m.within(t, time.Minute, "the apply of the first change", func() bool { return len(m.history(t)) > before })
	m.ok(t, "ucr", "set", "mail/harden/local-only/account/intern/account=intern")
	m.settled(t)
	assert.Len(t, m.history(t), before+2)
	m.asPlanned(t)
}

// systemd refuses the sixth start of a unit within ten seconds, unless the unit says otherwise.
func manyChanges(t *testing.T, m *machine) {
	begun := time.Now()
	const starts = 7
	for range starts {
		m.ok(t, "systemctl", "start", syncUnit)
	}
	assert.Less(t, time.Since(begun), 10*time.Second*starts/5, "too slow to meet the limit")
	before := len(m.history(t))
	for i := range 20 {
		m.ok(t, "ucr", "set", "mail/harden/protected/list/staff/reason=the "+strconv.Itoa(i)+"th")
	}
	m.ok(t, "ucr", "set", "mail/harden/protected/list/staff/address=staff@company.my")
	m.settled(t)
	assert.LessOrEqual(t, len(m.history(t)), before+2, "a change in the history for each change of the registry")
	m.asPlanned(t)
	assert.Equal(t, "active\n", m.run(t, "systemctl", "is-active", pathUnit).Stdout)
}

// The date of an entry passes while nothing is announced. Here the date is moved instead of the clock.
func expired(t *testing.T, m *machine) {
	var timers []struct{ Next int64 } // in microseconds since 1970
	said := m.ok(t, "systemctl", "list-timers", "--output=json", timerUnit)
	require.NoError(t, json.Unmarshal([]byte(said), &timers))
	require.Len(t, timers, 1)
	left := time.Until(time.UnixMicro(timers[0].Next))
	assert.Greater(t, left, time.Duration(0))
	assert.Less(t, left, 25*time.Hour)

	const entry, network = "mail/harden/exception/scanner/", "198.51.100.7"
	day := func(days int) string { return time.Now().AddDate(0, 0, days).Format(time.DateOnly) }
	m.ok(t, "ucr", "set", entry+"client="+network, entry+"reason=test", entry+"expires="+day(2))
	m.settled(t)
	require.True(t, m.inTables(t, network), "the exception is not in effect")

	m.ok(t, "systemctl", "stop", pathUnit)
	m.ok(t, "ucr", "set", entry+"expires="+day(-2))
	require.NoError(t, os.Remove(m.Path("/var/lib/ucs-harden/sync-wanted")))
	m.change(t, timerUnit, "[Timer]\nOnCalendar=\nOnActiveSec=1s\nRandomizedDelaySec=0\nAccuracySec=1ms\n")
	m.ok(t, "systemctl", "restart", timerUnit)
	m.within(t, time.Minute, "the end of the exception", func() bool { return !m.inTables(t, network) })
	m.change(t, timerUnit, "")
	m.ok(t, "systemctl", "restart", timerUnit)
	m.ok(t, "systemctl", "start", pathUnit)
	m.settled(t)
}

// The directory is down, and the sync fails. Nothing announces that the directory is up again.
func failedAndMended(t *testing.T, m *machine) {
	m.change(t, retryUnit, "[Timer]\nOnActiveSec=\nOnActiveSec=1s\nAccuracySec=1ms\n")
	defer m.change(t, retryUnit, "")
	m.ok(t, "systemctl", "stop", "slapd.service")
	m.ok(t, "ucr", "set", "mail/harden/local-only/account/employee/account=employee")
	m.within(t, time.Minute, "the failure", func() bool {
		return m.state(t, syncUnit) == "failed" || m.state(t, retryUnit) == "active"
	})
	assert.Contains(t, m.log(t, syncUnit),
		"error: not everything is as the registry wants it, but the rest is: the directory does not answer")
	m.ok(t, "systemctl", "start", "slapd.service")
	m.within(t, 2*time.Minute, "the retry", func() bool { return m.run(t, "ucs-harden", "plan").Code == 0 })
	m.settled(t)
	require.Empty(t, m.ok(t, "systemctl", "--failed", "--plain", "--no-legend"))
}

// asPlanned checks that the server is what the registry and the directory want.
func (m *machine) asPlanned(t *testing.T) {
	t.Helper()
	plan := m.run(t, "ucs-harden", "plan")
	require.Zero(t, plan.Code, "%s%s", plan.Stdout, plan.Stderr)
}

// inTables says whether a table of ours contains a text.
func (m *machine) inTables(t *testing.T, text string) bool {
	t.Helper()
	all, err := filepath.Glob(m.Path("/etc/postfix/ucs-harden") + "/*")
	require.NoError(t, err)
	for _, path := range all {
		if content, err := os.ReadFile(path); err == nil && strings.Contains(string(content), text) {
			return true
		}
	}
	return false
}

// change changes a unit until the next boot; "" takes the change back.
func (m *machine) change(t *testing.T, unit, settings string) {
	t.Helper()
	dropIn := "/run/systemd/system/" + unit + ".d/test.conf"
	if settings == "" {
		require.NoError(t, os.RemoveAll(m.inside(filepath.Dir(dropIn))))
	} else {
		require.NoError(t, os.MkdirAll(m.inside(filepath.Dir(dropIn)), 0o755))
		require.NoError(t, os.WriteFile(m.inside(dropIn), []byte(settings), 0o644))
	}
	m.ok(t, "systemctl", "daemon-reload")
}
