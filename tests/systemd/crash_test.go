package systemd_test

import (
	"bufio"
	"fmt"
	"net"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ucs-harden/tests/lab"
	"ucs-harden/transaction"
)

// powerFailure ends the machine after the step in which Postfix has begun to use the new configuration. The apply is
// that of a build that asks the test after every step (cmd/ucs-harden/faults_on.go); what runs at boot is the
// package's.
func powerFailure(t *testing.T, m *machine) {
	content, err := os.ReadFile(lab.Build(t, "-tags=faults"))
	require.NoError(t, err)
	require.NoError(t, m.Mail().WriteFile("/root/ucs-harden", content, 0o755))
	listener, err := net.Listen("unix", m.Path("/root/steps"))
	require.NoError(t, err)
	defer listener.Close()
	old := m.Configuration(t)

	argv := append([]string{"env", "UCS_HARDEN_STEP_SOCKET=/root/steps", "/root/ucs-harden"},
		"apply", "--mode", "enforce", "--no-evidence", "--yes", "--no-rehearsal")
	cmd := m.command(t.Context(), argv...)
	require.NoError(t, cmd.Start())
	for step := ""; step != transaction.StepReload; {
		conn, err := listener.Accept()
		require.NoError(t, err)
		line, err := bufio.NewReader(conn).ReadString('\n')
		require.NoError(t, err)
		if step = strings.TrimSpace(line); step != transaction.StepReload {
			_, err = fmt.Fprintln(conn, "go")
			require.NoError(t, err)
		}
		defer conn.Close()
	}
	m.crash(t)
	require.Error(t, cmd.Wait())
	require.True(t, m.waits(), "the apply was not under way")
	require.NotEmpty(t, old.Diff(m.Configuration(t)), "the apply had changed nothing yet")

	m.boot(t)
	m.isBackBeforePostfix(t)
	assert.Contains(t, m.ok(t, "ucs-harden", "history"), " undone\n")
	require.Empty(t, old.Diff(m.Configuration(t)))
	assert.NotEmpty(t, m.master(t), "Postfix runs")
}
