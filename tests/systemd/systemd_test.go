package systemd_test

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestBoot(t *testing.T) {
	m := newCompany(t)
	m.boot(t)
	t.Log(m.ok(t, "systemd-analyze"), m.ok(t, "ip", "address"), m.ok(t, "systemctl", "list-units", "--type=service"), m.ok(t, "cat", "/proc/uptime"))
	m.install(t)
	t.Log(m.ok(t, "ucs-harden", "status"))
	r := m.run(t, "ucs-harden", "apply", "--mode", "warn", "--yes")
	t.Log(r.Stdout, r.Stderr)
	require.Zero(t, r.Code)
	m.reboot(t)
	t.Log(m.ok(t, "ucs-harden", "status"))
}
