package systemd_test

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// attempts are what a program could do as root. Outside of the sandbox each of them succeeds.
var attempts = []struct {
	sentence, command string
	allowed           bool
}{
	{"writes the configuration of Postfix", "touch /etc/postfix/probe && rm /etc/postfix/probe", true},
	{"writes the registry", "touch /etc/univention/probe && rm /etc/univention/probe", true},
	{"writes its own state", "touch /var/lib/ucs-harden/probe && rm /var/lib/ucs-harden/probe", true},
	{"writes below /run", "touch /run/probe && rm /run/probe", true},
	{"reads the machine's password", "cat /etc/machine.secret >/dev/null", true},
	{"gives a file to another user", "touch /run/probe && chown postfix /run/probe && rm /run/probe", true},
	{"writes programs", "touch /usr/sbin/probe", false},
	{"writes a home", "touch /root/probe", false},
	{"writes the state of others", "touch /var/lib/dpkg/probe", false},
	{"adds an account", "touch /etc/passwd", false},
	{"changes the machine's password", "touch /etc/machine.secret", false},
	{"adds a unit", "touch /etc/systemd/system/probe.service", false},
	{"enters a network of its own", "unshare --net true", false},
	{"mounts", "mount -t tmpfs probe /mnt", false},
	{"changes the host's name", "hostname mail", false},
	{"makes a device", "mknod /run/probe c 1 3", false},
	{"changes addresses", "ip address add 192.0.2.1/32 dev lo", false},
}

// The probe runs in a copy of the service's unit. That the sync itself works in the sandbox is what the other parts
// show.
func sandboxed(t *testing.T, m *machine) {
	var script strings.Builder
	for i, a := range attempts {
		fmt.Fprintf(&script, "if { %s; } >/dev/null 2>&1; then echo %d did; else echo %[2]d did not; fi\n", a.command, i)
	}
	require.NoError(t, m.Mail().WriteFile("/root/probe.sh", []byte(script.String()), 0o755))
	unit, err := os.ReadFile(m.Path("/lib/systemd/system/" + syncUnit))
	require.NoError(t, err)
	probe := regexp.MustCompile(`(?m)^(OnFailure|ExecStopPost)=.*\n`).ReplaceAllString(string(unit), "")
	probe = regexp.MustCompile(`(?m)^ExecStart=.*$`).ReplaceAllString(probe, "ExecStart=/bin/sh /root/probe.sh")
	require.NoError(t, os.WriteFile(m.inside("/run/systemd/system/probe.service"), []byte(probe), 0o644))
	m.ok(t, "systemctl", "daemon-reload")
	m.ok(t, "systemctl", "start", "probe.service")
	in := m.log(t, "probe.service")
	out := m.ok(t, "unshare", "--mount", "--uts", "--net", "sh", "/root/probe.sh")
	for i, a := range attempts {
		assert.Contains(t, out, fmt.Sprintf("%d did\n", i), "%s: this attempt proves nothing", a.sentence)
		if a.allowed {
			assert.Contains(t, in, fmt.Sprintf("%d did\n", i), a.sentence)
		} else {
			assert.Contains(t, in, fmt.Sprintf("%d did not\n", i), a.sentence)
		}
	}
	m.ok(t, "rm", "-f", "/run/systemd/system/probe.service", "/usr/sbin/probe", "/root/probe", "/var/lib/dpkg/probe",
		"/etc/systemd/system/probe.service", "/run/probe")
	m.ok(t, "systemctl", "daemon-reload")

	// The exposure in tenths; a service without a sandbox has 96.
	said := m.run(t, "systemd-analyze", "security", "--no-pager", "--threshold=45", syncUnit)
	assert.Zero(t, said.Code, said.Stdout)
}
