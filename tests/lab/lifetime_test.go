package lab

import (
	"bufio"
	"bytes"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// processes are the PIDs, on this machine, of all processes in a PID namespace of the lab's hosts.
func processes(t *testing.T, l *Lab) []int {
	t.Helper()
	var namespaces []string
	for _, h := range append(l.allHosts(), l.netns) {
		name, err := os.Readlink(fmt.Sprintf("/proc/%d/ns/pid", h.pid))
		require.NoError(t, err)
		namespaces = append(namespaces, name)
	}
	all, err := filepath.Glob("/proc/[0-9]*")
	require.NoError(t, err)
	var found []int
	for _, dir := range all {
		// A process that has ended meanwhile has no namespace.
		if name, err := os.Readlink(dir + "/ns/pid"); err == nil && slices.Contains(namespaces, name) {
			pid, err := strconv.Atoi(filepath.Base(dir))
			require.NoError(t, err)
			found = append(found, pid)
		}
	}
	return found
}

// alive are those of the processes that still run. Zombies do not count: when the test kills the process that started
// them, the machine's process 1 collects them whenever it gets to it.
func alive(pids []int) []int {
	return slices.DeleteFunc(slices.Clone(pids), func(pid int) bool {
		status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
		return err != nil || bytes.Contains(status, []byte("\nState:\tZ"))
	})
}

// machine is the state of the machine that a lab must not change.
func machine(t *testing.T) map[string]any {
	t.Helper()
	mounts, err := os.ReadFile("/proc/self/mountinfo")
	require.NoError(t, err)
	cards, err := net.Interfaces()
	require.NoError(t, err)
	var names []string
	for _, card := range cards {
		names = append(names, card.Name)
	}
	etc, err := (&Host{root: "/"}).Snapshot("/etc", "/var/spool/postfix", "/var/lib/ldap", "/var/lib/ldap-lab", "/var/log/mail.log")
	require.NoError(t, err)
	host, err := os.Hostname()
	require.NoError(t, err)
	return map[string]any{"mounts": string(mounts), "network cards": names, "files": etc, "host name": host}
}

func TestDownLeavesNothingRunningAndNothingChanged(t *testing.T) {
	Require(t)
	before := machine(t)
	l, err := Up(t.Context(), Options{})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, l.Down()) })
	require.NoError(t, l.Mail().WriteFile("/etc/lab-was-here", []byte("x"), 0o600))
	assert.Equal(t, before, machine(t), "while the lab is up")
	all := processes(t, l)
	require.Greater(t, len(all), 12, "processes of the daemons and hosts")

	begin := time.Now()
	require.NoError(t, l.Down())
	assert.Less(t, time.Since(begin), time.Second)
	assert.Empty(t, alive(all))
	assert.Equal(t, before, machine(t))
	require.NoError(t, l.Down(), "a second time")
}

func TestKillingTheProcessThatStartedALabEndsIt(t *testing.T) {
	Require(t)
	state := filepath.Join(t.TempDir(), "state.json")
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), holdVariable+"="+state)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	line, err := bufio.NewReader(out).ReadString('\n')
	require.NoError(t, err)
	require.Equal(t, "up\n", line)
	l, err := Attach(state)
	require.NoError(t, err)
	// Programs that a test is still running end as well.
	sleeper := l.Mail().Command(t.Context(), "sleep", "1000")
	require.NoError(t, sleeper.Start())
	l.WaitFor(t, "the sleeper", func() bool {
		result, err := l.Mail().Run(t.Context(), "pgrep", "-x", "sleep")
		return err == nil && result.Code == 0
	})
	all := processes(t, l)
	require.Greater(t, len(all), 12)

	require.NoError(t, cmd.Process.Kill())
	_ = cmd.Wait()
	l.WaitFor(t, "the end of all processes", func() bool { return len(alive(all)) == 0 })
	require.Error(t, sleeper.Wait())
}

func TestTwoLabsRunSideBySide(t *testing.T) {
	one, two := New(t), New(t)
	require.NoError(t, one.Mail().WriteFile("/etc/only-here", []byte("one"), 0o644))
	_, err := two.Mail().ReadFile("/etc/only-here")
	require.ErrorIs(t, err, os.ErrNotExist)
	deliver(t, two, "employee@company.my", "for two")
	messages, err := one.Messages("employee@company.my")
	require.NoError(t, err)
	assert.Empty(t, messages)
}

func TestALabThatCannotComeUpLeavesNothing(t *testing.T) {
	Require(t)
	before := machine(t)
	_, err := Up(t.Context(), Options{Services: []Service{Slapd, "no such service"}})
	require.ErrorContains(t, err, `unknown service "no such service"`)
	assert.Equal(t, before, machine(t))
}

func TestTheListOfMissingPackagesIsACommandToType(t *testing.T) {
	said := "installed postfix\nconfig-files slapd\n"
	require.NoError(t, missing([]string{"postfix"}, said))
	require.EqualError(t, missing([]string{"postfix", "slapd", "swaks"}, said),
		"the lab needs packages that are not installed; run: apt-get install --no-install-recommends slapd swaks")
}
