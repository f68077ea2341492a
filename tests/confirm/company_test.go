// Package confirm_test checks two promises with the real program on a real mail server that nobody watches:
//
//   - an apply that is not confirmed in time is taken back at its deadline, completely, whatever happens to the
//     terminal, to the process that applied it, to the watchers, and to the server;
//   - an apply after which the running Postfix no longer does what it did before is taken back at once.
//
// The lab has no systemd, so the pair of detached processes watches the deadline. The program is built with the tag
// faults: after every step it asks the test how to go on (cmd/ucs-harden/faults_on.go). The watchers do not ask.
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
	// afterStep answers the program after a step; nil means "go".
	afterStep atomic.Pointer[func(step string) string]
}

func newCompany(t *testing.T) *company {
	t.Helper()
	c := &company{Lab: lab.New(t, lab.Options{Patient: true})} // what happens during an apply needs time to happen
	c.InstallProgram(t, "-tags=faults")
	// The first `ucr set` creates base.conf.lock and base.conf.bak, which stay. An installed server has had it.
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
	_, _ = fmt.Fprintln(conn, answer) // the program may be dead here as well
}

// after calls do once, when a step is done. The program gets do's return value as the answer.
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

// harden runs ucs-harden and requires this exit code.
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

// journal is the journal of a change that is under way; nil when there is none.
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
		panic(err) // cannot happen: the file is always replaced as a whole
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

// watchers are the watcher processes by their PIDs on the mail server. Each watcher leads a session of its own. A
// process of the same name that does not is a child that the os package of Go starts before its first program, to find
// out whether the kernel reports its end through a descriptor (pidfd); it ends at once.
func (c *company) watchers(t *testing.T) (first, second []string) {
	t.Helper()
	entries, err := c.Mail().ReadDir("/proc")
	require.NoError(t, err)
	for _, e := range entries {
		line, err := c.Mail().ReadFile("/proc/" + e.Name() + "/cmdline")
		if err != nil {
			continue // not a process, or a process that has ended
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

// session is the session leader of a process; "" when the process has ended.
func (c *company) session(pid string) string {
	stat, err := c.Mail().ReadFile("/proc/" + pid + "/stat")
	if err != nil {
		return ""
	}
	// proc_pid_stat(5): the name in parentheses, which may contain blanks, then state, parent, process group and
	// session.
	_, fields, _ := strings.Cut(string(stat), ") ")
	return strings.Fields(fields)[3]
}

// pair waits for two watchers that are not among those of without. When the first watcher of a pair dies, the second
// keeps its name and becomes the first of a new pair.
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

// killAll ends all watchers at once. They are stopped before they are killed, so that no watcher sees another one die.
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
