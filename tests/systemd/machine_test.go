package systemd_test

import (
	"bufio"
	"bytes"
	"context"
	_ "embed"
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

var (
	//go:embed files/keeper.sh
	keeperScript string
	//go:embed files/holder.sh
	holderScript string
)

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
	disk     string        // the root of the machine's file system
	console  string        // what it says on its console: its log
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
	keeper := exec.Command("/bin/sh", "-c", keeperScript, "keeper", debianroot.Tree(t), diskSize, holderScript)
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
			t.Logf("end of the console:\n%s", m.lastWords())
		}
		_ = end.Close()
		require.NoError(t, keeper.Wait())
	})
	m.commands, m.answers = in, bufio.NewReader(out)
	answer, _ := m.answers.ReadString('\n')
	require.Equal(t, "ready\n", answer, &said)
	m.holder = child(t, child(t, keeper.Process.Pid, "unshare"), "sh")
	mnt := fmt.Sprintf("/proc/%d/root/mnt", m.holder)
	m.disk, m.console = mnt+"/root", mnt+"/console"
	m.Lab = lab.Elsewhere(m.disk)
	return m
}

// boot starts the machine and waits until systemd has started everything.
func (m *machine) boot(t *testing.T) {
	t.Helper()
	_, err := io.WriteString(m.commands, "boot\n")
	require.NoError(t, err)
	m.leader = child(t, child(t, m.holder, "systemd-nspawn"), "systemd")
	m.WaitFor(t, "the end of the boot", func() bool {
		state := m.run(t, "systemctl", "is-system-running", "--wait").Stdout
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
	cmd := m.command(t.Context(), argv...)
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

func (m *machine) lastWords() string {
	content, err := os.ReadFile(m.console)
	if err != nil {
		return err.Error()
	}
	lines := strings.Split(strings.TrimSpace(string(content)), "\n")
	return strings.Join(lines[max(0, len(lines)-120):], "\n")
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
