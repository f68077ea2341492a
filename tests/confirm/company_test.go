// Package confirm_test holds the real program, on a real mail server, to two promises about what nobody watches over:
//
//   - an apply that is not confirmed in time is taken back at its deadline, exactly, whatever becomes of the terminal, of
//     the process that applied it, of those that watch, and of the server;
//   - an apply after which the running Postfix does not do what it did is taken back at once.
//
// The lab has no systemd, so it is the pair of detached processes that watches. The program is built with the tag faults:
// it asks the test after every step how to go on (cmd/ucs-harden/faults_on.go). The watchers ask nobody.
package confirm_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"ucs-harden/tests/lab"
)

// company is a lab whose mail server has ucs-harden.
type company struct {
	*lab.Lab
	// afterStep answers the program; nil is "go".
	afterStep atomic.Pointer[func(step string) string]
}

func newCompany(t *testing.T) *company {
	t.Helper()
	c := &company{Lab: lab.New(t)}
	c.InstallProgram(t, "-tags=faults")
	// The first `ucr set` leaves base.conf.lock and .bak for good; a server that was installed has seen it.
	c.UCR(t, "set", "server/role=domaincontroller_master")
	listener, err := net.Listen("unix", c.Path("/run/steps"))
	require.NoError(t, err)
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return // closed
			}
			go c.answer(t, conn)
		}
	}()
	return c
}

func (c *company) answer(t *testing.T, conn net.Conn) {
	defer conn.Close()
	step, err := bufio.NewReader(conn).ReadString('\n')
	if err != nil {
		return // the program is dead
	}
	assert.NoError(t, c.BackdatePostfix())
	answer := "go"
	if how := c.afterStep.Load(); how != nil {
		answer = (*how)(strings.TrimSpace(step))
	}
	_, _ = fmt.Fprintln(conn, answer) // likewise
}

// after does something once when a step is done; what it returns is answered.
func (c *company) after(step string, do func() string) {
	var once atomic.Bool
	how := func(done string) string {
		if done == step && once.CompareAndSwap(false, true) {
			return do()
		}
		return "go"
	}
	c.afterStep.Store(&how)
}

func die() string { return "die" }

// killed is the exit code of a program that kill -9 has ended.
const killed = 137

var program = []string{"env", "UCS_HARDEN_STEP_SOCKET=/run/steps", "ucs-harden"}

// harden runs ucs-harden; the exit code must be this one.
func (c *company) harden(t *testing.T, arguments string, code int) lab.Result {
	t.Helper()
	require.NoError(t, c.BackdatePostfix())
	result, err := c.Mail().Run(t.Context(), append(slices.Clone(program), strings.Fields(arguments)...)...)
	c.afterStep.Store(nil)
	require.NoError(t, err)
	require.Equal(t, code, result.Code, "ucs-harden %s\n%s%s", arguments, result.Stdout, result.Stderr)
	return result
}

func (c *company) mustBe(t *testing.T, want lab.Snapshot) {
	t.Helper()
	require.Empty(t, want.Diff(c.Configuration(t)))
}

// journal is what the program notes of a change under way; nil when none is.
type journal struct {
	ID   string
	Kind string
	Due  time.Duration `json:"due_uptime_ns"`
}

func (c *company) journal() *journal {
	content, err := c.Mail().ReadFile("/var/lib/ucs-harden/journal.json")
	if err != nil {
		return nil
	}
	var j journal
	if err := json.Unmarshal(content, &j); err != nil {
		panic(err) // the file is replaced as a whole
	}
	return &j
}

// uptime is the clock on which deadlines are counted.
func uptime(t *testing.T) time.Duration {
	t.Helper()
	var up unix.Timespec
	require.NoError(t, unix.ClockGettime(unix.CLOCK_BOOTTIME, &up))
	return time.Duration(up.Nano())
}

// watchers are the processes that watch, by number on the mail server, the first of the pair first. Each leads a session
// of its own. What has the same name and does not is a child that the os package of Go starts before its first program,
// to see whether the kernel can tell its end by a descriptor; it ends at once.
func (c *company) watchers(t *testing.T) (first, second []string) {
	t.Helper()
	entries, err := c.Mail().ReadDir("/proc")
	require.NoError(t, err)
	for _, e := range entries {
		line, err := c.Mail().ReadFile("/proc/" + e.Name() + "/cmdline")
		if err != nil {
			continue // no process, or gone
		}
		argv := strings.Split(string(line), "\x00")
		switch {
		case len(argv) < 2 || argv[1] != "watch" || !strings.HasSuffix(argv[0], "ucs-harden") || c.session(e.Name()) != e.Name():
		case slices.Contains(argv, "--second"):
			second = append(second, e.Name())
		default:
			first = append(first, e.Name())
		}
	}
	return first, second
}

// session is the number of a process's session leader; nothing when the process is gone.
func (c *company) session(pid string) string {
	stat, err := c.Mail().ReadFile("/proc/" + pid + "/stat")
	if err != nil {
		return ""
	}
	// proc_pid_stat(5): the name in parentheses, which may have blanks, then state, parent, process group and session.
	_, fields, _ := strings.Cut(string(stat), ") ")
	return strings.Fields(fields)[3]
}

// pair waits for two watchers, none of which is one of these. The second of a pair that has lost its first keeps its
// name and becomes the first of a new one.
func (c *company) pair(t *testing.T, without ...string) []string {
	t.Helper()
	var pair []string
	c.WaitFor(t, "a pair of watchers", func() bool {
		first, second := c.watchers(t)
		pair = slices.Concat(first, second)
		return len(pair) == 2 && !slices.ContainsFunc(pair, func(pid string) bool { return slices.Contains(without, pid) })
	})
	return pair
}

func (c *company) kill(t *testing.T, pids ...string) {
	t.Helper()
	result, err := c.Mail().Run(t.Context(), append([]string{"kill", "-KILL"}, pids...)...)
	require.NoError(t, err)
	require.Zero(t, result.Code, result.Stderr)
}

// killAll ends all watchers in the same moment: those that are stopped cannot see the others die.
func (c *company) killAll(t *testing.T) {
	t.Helper()
	pair := c.pair(t)
	result, err := c.Mail().Run(t.Context(), append([]string{"kill", "-STOP"}, pair...)...)
	require.NoError(t, err)
	require.Zero(t, result.Code, result.Stderr)
	c.kill(t, pair...)
	c.nobodyWatches(t)
}

func (c *company) nobodyWatches(t *testing.T) {
	t.Helper()
	c.WaitFor(t, "the end of the watchers", func() bool {
		first, second := c.watchers(t)
		return len(first)+len(second) == 0
	})
}
