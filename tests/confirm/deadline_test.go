package confirm_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"ucs-harden/internal/run/runtest"
	"ucs-harden/tests/lab"
	"ucs-harden/transaction"
)

const (
	// within is longer than any disturbance takes, however busy this machine is. Afterwards the test brings the
	// deadline forward in the journal, from which alone the watchers know it.
	within = "--confirm-within 1h"
	soon   = 1500 * time.Millisecond
	// late is how long after the deadline the rollback may begin. The second watcher waits longer than the first, and
	// checks once a second.
	late = 8 * time.Second
)

// TestTheOldStateIsBackAtTheDeadline disturbs, in turn, everything that could prevent the rollback at the deadline.
func TestTheOldStateIsBackAtTheDeadline(t *testing.T) {
	t.Parallel()
	c := newCompany(t)
	old := c.Configuration(t)
	for _, disturbance := range []struct {
		sentence string
		apply    func(t *testing.T) // nil: an apply without disturbance
		disturb  func(t *testing.T) // nil: no disturbance after the apply
	}{
		{sentence: "nothing happens", apply: func(t *testing.T) {
			said := c.harden(t, "apply --mode enforce --no-evidence --yes --no-rehearsal --confirm-within 4s", 0).Stdout
			after := uptime(t)
			require.Regexp(t, `\nIt is taken back at \d\d:\d\d:\d\d unless you run: ucs-harden confirm\n$`, said)
			require.InDelta(t, after+4*time.Second, c.journal().Due, float64(2*time.Second), "it counts from the end of the apply")
		}},
		{sentence: "the client is killed at its end", apply: func(t *testing.T) {
			c.after(transaction.StepFinish, die)
			c.harden(t, "apply --mode enforce --no-evidence --yes --no-rehearsal "+within, killed)
		}},
		{sentence: "the first watcher is killed", disturb: func(t *testing.T) { c.kill(t, c.pair(t)[0]) }},
		{sentence: "the second is killed", disturb: func(t *testing.T) { c.kill(t, c.pair(t)[1]) }},
		{sentence: "the first, the second, and those in their place", disturb: func(t *testing.T) {
			pair := c.pair(t)
			c.kill(t, pair[0])
			next := c.pair(t, pair[0])
			c.kill(t, next[1])
			last := c.pair(t, pair[0], next[1])
			c.kill(t, last[0])
			c.pair(t, last[0])
		}},
		{sentence: "the terminal is closed", apply: c.applyOnATerminalThatIsClosed},
		{sentence: "the server reboots", disturb: func(t *testing.T) {
			c.reboot(t)
			require.Contains(t, c.harden(t, "recover", 0).Stdout, " waits to be confirmed until ")
			c.pair(t)
		}},
		{sentence: "both are killed in the same moment, and somebody tries another apply", disturb: func(t *testing.T) {
			c.killAll(t)
			require.Contains(t, c.harden(t, "apply --mode warn --yes", 1).Stderr, "an apply waits to be confirmed until ")
			c.pair(t)
		}},
	} {
		t.Run(disturbance.sentence, func(t *testing.T) {
			if disturbance.apply != nil {
				disturbance.apply(t)
			} else {
				c.harden(t, "apply --mode enforce --no-evidence --yes --no-rehearsal "+within, 0)
			}
			if disturbance.disturb != nil {
				disturbance.disturb(t)
			}
			c.comesBack(t, old)
			c.mustBe(t, old)
			c.nobodyWatches(t)
			require.Contains(t, c.harden(t, "history", 0).Stdout, " unconfirmed\n")
		})
	}
}

// comesBack waits until the rollback begins and until it is done. It must begin neither before the deadline nor long
// after it.
func (c *company) comesBack(t *testing.T, old lab.Snapshot) {
	t.Helper()
	j := c.journal()
	require.NotNil(t, j)
	require.Equal(t, "confirm", j.Kind)
	require.NotEmpty(t, old.Diff(c.Configuration(t)), "it is not in effect")
	if j.Due-uptime(t) > time.Minute {
		j = c.bringForward(t)
	}
	c.WaitFor(t, "the deadline", func() bool { now := c.journal(); return now == nil || now.Kind != "confirm" })
	began := uptime(t)
	require.GreaterOrEqual(t, began, j.Due, "it came back before the deadline")
	require.Less(t, began, j.Due+late)
	c.WaitFor(t, "the old state", func() bool { return c.BackdatePostfix() == nil && c.journal() == nil })
}

// bringForward replaces the deadline in the journal.
func (c *company) bringForward(t *testing.T) *journal {
	t.Helper()
	const path = "/var/lib/ucs-harden/journal.json"
	content, err := c.Mail().ReadFile(path)
	require.NoError(t, err)
	var all map[string]any
	require.NoError(t, json.Unmarshal(content, &all))
	all["due_uptime_ns"] = uptime(t) + soon
	content, err = json.Marshal(all)
	require.NoError(t, err)
	require.NoError(t, c.Mail().WriteFile(path+".new", content, 0o600))
	require.NoError(t, os.Rename(c.Path(path+".new"), c.Path(path)))
	return c.journal()
}

// applyOnATerminalThatIsClosed applies on a terminal and then hangs up. The hang-up ends the shell that is still on the
// terminal, and must not end the watchers that the shell's command started.
func (c *company) applyOnATerminalThatIsClosed(t *testing.T) {
	keyboard, screen, err := runtest.OpenTerminal()
	require.NoError(t, err)
	defer keyboard.Close()
	require.NoError(t, c.BackdatePostfix())
	line := strings.Join(program, " ") + " apply --mode enforce --no-evidence --yes --no-rehearsal " + within
	shell := c.Mail().Command(t.Context(), "sh", "-c", line+" >/run/said; echo done >>/run/said; cat")
	shell.Stdin, shell.Stdout, shell.Stderr = screen, screen, screen
	shell.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	require.NoError(t, shell.Start())
	require.NoError(t, screen.Close())
	c.WaitFor(t, "the end of the apply", func() bool {
		said, err := c.Mail().ReadFile("/run/said")
		return err == nil && strings.HasSuffix(string(said), "unless you run: ucs-harden confirm\ndone\n")
	})
	c.pair(t)
	require.NoError(t, keyboard.Close())
	var hungUp *exec.ExitError
	require.ErrorAs(t, shell.Wait(), &hungUp)
	c.pair(t)
}

// reboot acts like a reboot: it ends our processes and removes our files in /run.
func (c *company) reboot(t *testing.T) {
	t.Helper()
	c.killAll(t)
	result, err := c.Mail().Run(t.Context(), "sh", "-c", "rm /run/ucs-harden*.lock")
	require.NoError(t, err)
	require.Zero(t, result.Code, result.Stderr)
}
