package systemd_test

import (
	"bytes"
	"embed"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"ucs-harden/tests/lab"
)

//go:embed files/network files/units
var files embed.FS

// newCompany is a machine that is the mail server of the lab's company, with its directory and its DNS. It is down, and
// ucs-harden is not installed.
func newCompany(t *testing.T) *machine {
	t.Helper()
	m := newMachine(t)
	require.NoError(t, m.Furnish(lab.Options{}))
	m.installUnits(t)
	for _, needless := range []string{"/usr/sbin/policy-rc.d", "/var/lib/ldap-lab"} {
		require.NoError(t, os.RemoveAll(m.Path(needless)))
	}
	require.NoError(t, os.Mkdir(m.Path("/var/lib/ldap-lab"), 0o700))
	require.NoError(t, os.Mkdir(m.Path(journal), 0o755))
	m.prepare(t, "slapadd", "-q", "-f", "/etc/ldap/slapd-lab.conf", "-l", "/etc/ldap/lab.ldif")
	m.prepare(t, "ucr", "set", "server/role=domaincontroller_master")
	m.prepare(t, "ucr", "commit")
	m.prepare(t, "postalias", "hash:/etc/aliases")
	m.backdate(t)
	return m
}

// installUnits adds the units of the company's servers, and switches off what Debian does once a day: it would find no
// network, and the boot would not count as a success.
func (m *machine) installUnits(t *testing.T) {
	t.Helper()
	network, err := files.ReadFile("files/network")
	require.NoError(t, err)
	require.NoError(t, m.Mail().WriteFile("/etc/lab-network", network, 0o644))
	const units = "files/units"
	entries, err := files.ReadDir(units)
	require.NoError(t, err)
	enable := []string{"systemctl", "enable"}
	for _, e := range entries {
		content, err := files.ReadFile(units + "/" + e.Name())
		require.NoError(t, err)
		require.NoError(t, m.Mail().WriteFile("/etc/systemd/system/"+e.Name(), content, 0o644))
		enable = append(enable, e.Name())
	}
	m.prepare(t, enable...)
	m.prepare(t, "systemctl", "mask", "apt-daily.timer", "apt-daily-upgrade.timer", "e2scrub_all.timer", "fstrim.timer")
}

// backdate keeps the files of Postfix old while the test runs: every Postfix process waits until main.cf is two seconds
// old.
func (m *machine) backdate(t *testing.T) {
	done, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		for tick := time.Tick(20 * time.Millisecond); ; {
			select {
			case <-tick:
				_ = m.BackdatePostfix()
			case <-done:
				return
			}
		}
	}()
	t.Cleanup(func() { close(done); <-ended })
}

// install installs the package on the running machine.
func (m *machine) install(t *testing.T) {
	t.Helper()
	path, err := build()
	require.NoError(t, err)
	content, err := os.ReadFile(path)
	require.NoError(t, err)
	require.NoError(t, m.Mail().WriteFile("/root/ucs-harden.deb", content, 0o644))
	m.ok(t, "dpkg", "--install", "/root/ucs-harden.deb")
}

// build builds the package and returns its path.
var build = sync.OnceValues(func() (string, error) {
	command := exec.Command("make", "--silent", "--no-print-directory", "-C", "../..", "deb")
	command.Stderr = os.Stderr
	path, err := command.Output()
	return filepath.Join("../..", string(bytes.TrimSpace(path))), err
})

// meaning is the configuration as Postfix reads it.
func (m *machine) meaning(t *testing.T) string {
	t.Helper()
	return m.ok(t, "postconf", "-n") + m.ok(t, "postconf", "-M") + m.ok(t, "postconf", "-P")
}

// master is the PID of Postfix.
func (m *machine) master(t *testing.T) string {
	t.Helper()
	content, err := m.Mail().ReadFile("/var/spool/postfix/pid/master.pid")
	require.NoError(t, err)
	return strings.TrimSpace(string(content))
}

// log is what a unit has said since the boot.
func (m *machine) log(t *testing.T, unit string) string {
	t.Helper()
	return m.ok(t, "journalctl", "--boot", "--output=cat", "--unit="+unit)
}

// clock is a point in time of a unit, on the uptime; 0 if there was none in this boot.
func (m *machine) clock(t *testing.T, unit, property string) time.Duration {
	t.Helper()
	text := strings.TrimSpace(m.ok(t, "systemctl", "show", "--property="+property, "--value", unit))
	microseconds, err := strconv.ParseInt(text, 10, 64)
	require.NoError(t, err, "%s of %s", property, unit)
	return time.Duration(microseconds) * time.Microsecond
}

// settled waits until no change is announced that no sync has taken up, and no sync runs.
func (m *machine) settled(t *testing.T) {
	t.Helper()
	m.within(t, 3*time.Minute, "the end of the syncs", func() bool {
		return !m.announced() && m.state(t, syncUnit) == "inactive" && !m.announced()
	})
}

// announced: a stamp exists.
func (m *machine) announced() bool {
	for _, stamp := range []string{
		"/var/lib/ucs-harden/sync-wanted", "/var/lib/univention-directory-listener/ucs-harden-sync-wanted",
	} {
		if _, err := os.Lstat(m.Path(stamp)); err == nil {
			return true
		}
	}
	return false
}

// inside is the path of a file of the running machine. Unlike Path it leads also to what is mounted there, such as
// /run.
func (m *machine) inside(path string) string { return fmt.Sprintf("/proc/%d/root%s", m.leader, path) }

// within waits for a condition, longer than a machine that is three times as slow as usual needs.
func (m *machine) within(t *testing.T, limit time.Duration, what string, condition func() bool) {
	t.Helper()
	for end := time.Now().Add(limit); !condition(); {
		require.True(t, time.Now().Before(end), "waited in vain for %s", what)
		select {
		case <-t.Context().Done():
			t.FailNow()
		case <-time.After(10 * time.Millisecond):
		}
	}
}

func (m *machine) state(t *testing.T, unit string) string {
	t.Helper()
	return strings.TrimSpace(m.run(t, "systemctl", "is-active", unit).Stdout)
}
