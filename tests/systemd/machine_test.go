package systemd_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"ucs-harden/tests/debianroot"
	"ucs-harden/tests/lab"
	"ucs-harden/tests/schema"
)

// journal is where systemd-journald keeps its journal, if the folder exists.
const journal = "/var/log/journal"

// diskSize is the size of the machine's disk, which is in memory (tmpfs(5)).
const diskSize = "768m"

// The exit statuses of systemd-nspawn(1), with --keep-unit.
const (
	poweredOff = 0
	rebooted   = 133
)

// machine is a Debian with systemd as its process 1, which is a UCS mail server for everything that asks. It can be
// down. It ends with the process of the test, in whatever way that ends.
type machine struct {
	*lab.Lab               // for its files
	holder   int           // the process that boots it
	commands io.Writer     // the standard input of the holder
	answers  *bufio.Reader // its standard output
	leader   int           // its process 1; 0 while it is down
}

// newMachine makes the machine's disk. The machine is down.
func newMachine(t *testing.T) *machine {
	t.Helper()
	lab.Require(t)
	alive, end, err := os.Pipe()
	require.NoError(t, err)
	keeper := exec.Command("/bin/sh", "files/keeper.sh", debianroot.Tree(t), diskSize)
	keeper.Env = lab.Environment
	keeper.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	keeper.ExtraFiles = []*os.File{alive}
	var said bytes.Buffer
	keeper.Stderr = &said
	m := &machine{}
	in, err := keeper.StdinPipe()
	require.NoError(t, err)
	out, err := keeper.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, keeper.Start())
	require.NoError(t, alive.Close())
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("end of its journal:\n%s", m.lastWords())
		}
		_ = end.Close()
		require.NoError(t, keeper.Wait())
	})
	m.commands, m.answers = in, bufio.NewReader(out)
	answer, _ := m.answers.ReadString('\n')
	require.Equal(t, "ready\n", answer, &said)
	m.holder = child(t, child(t, keeper.Process.Pid, "unshare"), "sh")
	m.Lab = lab.Elsewhere(fmt.Sprintf("/proc/%d/root/mnt/root", m.holder))
	return m
}

// boot starts the machine and waits until systemd has started everything.
func (m *machine) boot(t *testing.T) {
	t.Helper()
	_, err := io.WriteString(m.commands, "boot\n")
	require.NoError(t, err)
	m.leader = child(t, child(t, m.holder, "systemd-nspawn"), "systemd")
	m.within(t, 2*time.Minute, "the end of the boot", func() bool {
		state := m.run(t, "systemctl", "is-system-running").Stdout
		return state == "running\n" || state == "degraded\n"
	})
	require.Empty(t, m.ok(t, "systemctl", "--failed", "--plain", "--no-legend"))
}

// down waits until the machine is down.
func (m *machine) down(t *testing.T, status int) {
	t.Helper()
	answer, err := m.answers.ReadString('\n')
	require.NoError(t, err)
	require.Equal(t, fmt.Sprintf("ended %d\n", status), answer)
	m.leader = 0
}

// reboot boots the machine again as an administrator does it.
func (m *machine) reboot(t *testing.T) {
	t.Helper()
	m.run(t, "systemctl", "reboot") // may be killed by what it has started
	m.down(t, rebooted)
	m.boot(t)
}

// crash ends the machine at once, as a loss of power would.
func (m *machine) crash(t *testing.T) {
	t.Helper()
	require.NoError(t, syscall.Kill(m.leader, syscall.SIGKILL))
	answer, err := m.answers.ReadString('\n')
	require.NoError(t, err)
	require.Contains(t, answer, "ended ")
	m.leader = 0
}

// run runs a program on the machine.
func (m *machine) run(t *testing.T, argv ...string) lab.Result {
	t.Helper()
	return m.runInput(t, "", argv...)
}

func (m *machine) runInput(t *testing.T, stdin string, argv ...string) lab.Result {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	cmd := m.command(ctx, argv...)
	cmd.Stdin = strings.NewReader(stdin)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	if exit := new(exec.ExitError); !errors.As(err, &exit) {
		require.NoError(t, err)
	}
	result := lab.Result{Stdout: stdout.String(), Stderr: stderr.String(), Code: cmd.ProcessState.ExitCode()}
	require.NoError(t, schema.Check(argv, result.Stdout, result.Code))
	return result
}

// patience is longer than any program here takes.
const patience = time.Minute

// command prepares a program that runs in all namespaces of the machine.
func (m *machine) command(ctx context.Context, argv ...string) *exec.Cmd {
	enter := []string{"--target", strconv.Itoa(m.leader), "--all", "--"}
	cmd := exec.CommandContext(ctx, "nsenter", append(enter, argv...)...)
	cmd.Env = lab.Environment
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.WaitDelay = 5 * time.Second
	return cmd
}

// ok runs a program, which must succeed, and returns its standard output.
func (m *machine) ok(t *testing.T, argv ...string) string {
	t.Helper()
	result := m.run(t, argv...)
	require.Zero(t, result.Code, "%s\n%s%s", argv, result.Stdout, result.Stderr)
	return result.Stdout
}

// prepare runs a program in the root of the machine, which is down.
func (m *machine) prepare(t *testing.T, argv ...string) {
	t.Helper()
	enter := []string{"--target", strconv.Itoa(m.holder), "--mount", "--pid", "--", "chroot", "/mnt/root"}
	cmd := exec.CommandContext(t.Context(), "nsenter", append(enter, argv...)...)
	cmd.Env = lab.Environment
	said, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s\n%s", argv, said)
}

// lastWords is the end of systemd's journal, boots that ended in a crash included.
func (m *machine) lastWords() string {
	said, err := exec.Command("journalctl", "--directory="+m.Path(journal), "--no-pager", "--lines=150").CombinedOutput()
	if err != nil {
		return fmt.Sprintf("%s%s", said, err)
	}
	return string(said)
}

// child waits for a child of a process, by the name of its program, and returns its PID.
func child(t *testing.T, parent int, program string) (pid int) {
	t.Helper()
	require.NoError(t, lab.WaitFor(t.Context(), program+", started by process "+strconv.Itoa(parent), func() bool {
		all, _ := filepath.Glob("/proc/[0-9]*/stat")
		for _, path := range all {
			content, err := os.ReadFile(path)
			if err != nil {
				continue // it has ended
			}
			// PID (PROGRAM) STATE PPID …; proc_pid_stat(5)
			before, after, _ := bytes.Cut(content, []byte(") "))
			number, name, _ := bytes.Cut(before, []byte(" ("))
			if string(name) == program && bytes.HasPrefix(after[2:], fmt.Appendf(nil, "%d ", parent)) {
				pid, err = strconv.Atoi(string(number))
				return err == nil
			}
		}
		return false
	}))
	return pid
}
