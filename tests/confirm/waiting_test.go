package confirm_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ucs-harden/tests/lab"
	"ucs-harden/transaction"
)

const enforce = "apply --mode enforce --no-evidence --yes --no-rehearsal "

// TestWaiting checks the output and the behaviour of a server on which an apply waits for its confirmation, or waited
// for it. Each part ends with the old state.
func TestWaiting(t *testing.T) {
	t.Parallel()
	c := newCompany(t)
	old := c.Configuration(t)
	part := func(sentence string, f func(t *testing.T)) {
		t.Run(sentence, func(t *testing.T) {
			f(t)
			c.mustBe(t, old)
			require.Nil(t, c.journal())
			c.nobodyWatches(t)
		})
	}
	part("what other commands say", func(t *testing.T) { c.others(t) })
	part("confirmed", func(t *testing.T) { c.confirmed(t) })
	part("confirmed with a full disk", func(t *testing.T) { c.confirmedOnAFullDisk(t) })
	part("confirmed too late", func(t *testing.T) { c.confirmedTooLate(t, old) })
	part("one after another", func(t *testing.T) { c.oneAfterAnother(t) })
	part("rolled back by hand, and the rollback is killed", func(t *testing.T) { c.rollbackKilled(t) })
	for _, step := range []string{transaction.StepJournal, transaction.StepSet, transaction.StepReload, transaction.StepRemove} {
		part("the client is killed after "+step, func(t *testing.T) { c.killedWhileItApplies(t, step) })
	}
	part("the terminal is closed amid the apply", func(t *testing.T) { c.hungUpWhileItApplies(t) })
	part("the question", func(t *testing.T) { c.question(t) })
	part("nobody can watch", func(t *testing.T) { c.nobodyCanWatch(t) })
}

func (c *company) others(t *testing.T) {
	c.harden(t, enforce+within, 0)
	id := c.journal().ID
	pair := c.pair(t)
	enforced := c.Configuration(t)
	for _, command := range []string{"apply --mode warn --yes", "apply --mode off --yes", "sync"} {
		said := c.harden(t, command, 1)
		assert.Empty(t, said.Stdout)
		assert.Regexp(t, `^error: cannot (apply|sync): an apply waits to be confirmed until \d{4}-\d\d-\d\d \d\d:\d\d:\d\d; nothing was changed\n`+
			`hint: ucs-harden confirm keeps it, ucs-harden rollback takes it back\n$`, said.Stderr)
	}
	assert.Regexp(t, `^`+id+` waits to be confirmed until .*\.\n$`, c.harden(t, "recover", 0).Stdout)
	assert.Equal(t, pair, c.pair(t), "one pair is enough")
	assert.Regexp(t, `^mode enforce, waits to be confirmed until .*\n$`, c.harden(t, "status --check", 0).Stdout)
	assert.Contains(t, c.harden(t, "status", 0).Stdout, "hint: ucs-harden confirm keeps it, ucs-harden rollback takes it back\n")
	var status struct {
		Waiting struct {
			ID       string
			Deadline time.Time
		}
	}
	require.NoError(t, json.Unmarshal([]byte(c.harden(t, "status --json", 0).Stdout), &status))
	assert.Equal(t, id, status.Waiting.ID)
	assert.WithinDuration(t, time.Now().Add(c.journal().Due-uptime(t)), status.Waiting.Deadline, time.Second)
	var result struct {
		ID       string
		Changed  bool
		Deadline time.Time
	}
	require.NoError(t, json.Unmarshal([]byte(c.harden(t, "recover --json", 0).Stdout), &result))
	assert.Equal(t, status.Waiting.Deadline, result.Deadline)
	assert.False(t, result.Changed)
	assert.Contains(t, c.harden(t, "history", 0).Stdout, " waiting\n")
	assert.Contains(t, c.harden(t, "history --json", 0).Stdout, `"state": "waiting"`)
	c.mustBe(t, enforced)

	assert.Contains(t, c.harden(t, "rollback", 0).Stdout, "Rolled back "+id)
	for _, command := range []string{"confirm", "confirm --json"} {
		said := c.harden(t, command, 1)
		assert.Contains(t, said.Stderr, "error: cannot confirm: too late to confirm: "+id+" was taken back at ")
	}
}

func (c *company) confirmed(t *testing.T) {
	var applied, kept struct {
		ID       string
		Changed  bool
		Deadline *time.Time
	}
	require.NoError(t, json.Unmarshal([]byte(c.harden(t, enforce+"--json --confirm-within 1h", 0).Stdout), &applied))
	require.NotNil(t, applied.Deadline)
	assert.WithinDuration(t, time.Now().Add(time.Hour), *applied.Deadline, time.Minute)
	c.pair(t)
	enforced := c.Configuration(t)
	require.NoError(t, json.Unmarshal([]byte(c.harden(t, "confirm --json", 0).Stdout), &kept))
	assert.Equal(t, applied.ID, kept.ID)
	assert.Nil(t, kept.Deadline)
	c.nobodyWatches(t)
	assert.Contains(t, c.harden(t, "recover", 0).Stdout, "Nothing to recover.")
	c.mustBe(t, enforced)
	assert.Contains(t, c.harden(t, "history", 0).Stdout, " applied\n")
	c.harden(t, "rollback", 0)
}

func (c *company) confirmedOnAFullDisk(t *testing.T) {
	c.harden(t, enforce+within, 0)
	id := c.journal().ID
	require.NoError(t, lab.WaitFor(t.Context(), "the limit", func() bool { return c.Mail().LimitDisk(0) == nil }))
	said := c.harden(t, "confirm", 0).Stdout
	require.NoError(t, c.Mail().UnlimitDisk())
	assert.Equal(t, "Confirmed "+id+": it stays.\nTo go back: ucs-harden rollback\n", said)
	c.nobodyWatches(t)
	c.harden(t, "rollback", 0)
}

// No watcher is left to take the change back. The confirmation is too late all the same, and the next command takes the
// change back.
func (c *company) confirmedTooLate(t *testing.T, old lab.Snapshot) {
	c.harden(t, enforce+within, 0)
	c.killAll(t)
	j := c.bringForward(t)
	c.WaitFor(t, "the deadline", func() bool { return uptime(t) > j.Due })
	said := c.harden(t, "confirm", 1)
	assert.Regexp(t, `^error: cannot confirm: too late to confirm: the deadline was .*\nhint: ucs-harden history shows whether it was taken back; .*\n$`, said.Stderr)
	assert.Regexp(t, `^mode enforce, interrupted change `+j.ID+`\n$`, c.harden(t, "status --check", 2).Stdout)
	require.NotEmpty(t, old.Diff(c.Configuration(t)))
	said = c.harden(t, "apply --mode off --yes", 0)
	assert.Equal(t, "Recovered: "+j.ID+" was not confirmed in time; the server is as it was before it.\n", said.Stderr)
	assert.Contains(t, said.Stdout, "No changes")
	assert.Regexp(t, `^error: cannot confirm: too late to confirm: `+j.ID+` was taken back at [0-9-]+ [0-9:]+\nhint: `, c.harden(t, "confirm", 1).Stderr)
	assert.Regexp(t, `\nTaken back     `+j.ID+`, mode enforce.*, was not confirmed in time: [0-9-]+ [0-9:]+\n`, c.harden(t, "status", 0).Stdout)
}

// The watchers of the first apply are still there when the second begins.
func (c *company) oneAfterAnother(t *testing.T) {
	c.harden(t, "apply --mode warn --yes --no-rehearsal "+within, 0)
	c.harden(t, "confirm", 0)
	warn := c.Configuration(t)
	c.harden(t, enforce+within, 0)
	c.pair(t)
	c.comesBack(t, warn)
	c.mustBe(t, warn)
	c.nobodyWatches(t)
	c.harden(t, "rollback", 0)
}

// The watchers of the deadline also finish a rollback that was killed.
func (c *company) rollbackKilled(t *testing.T) {
	c.harden(t, enforce+within, 0)
	c.after(transaction.StepUnset, die)
	c.harden(t, "rollback", killed)
	c.WaitFor(t, "the old state", func() bool { return c.BackdatePostfix() == nil && c.journal() == nil })
	assert.Contains(t, c.harden(t, "history", 0).Stdout, " rolled-back\n")
}

// A change that is half applied does not wait for a deadline.
func (c *company) killedWhileItApplies(t *testing.T, step string) {
	c.after(step, die)
	c.harden(t, enforce+within, killed)
	c.WaitFor(t, "the old state", func() bool { return c.BackdatePostfix() == nil && c.journal() == nil })
	assert.Contains(t, c.harden(t, "history", 0).Stdout, " undone\n")
}

// Nobody watches this apply: it takes itself back.
func (c *company) hungUpWhileItApplies(t *testing.T) {
	s := c.onATerminal(t, enforce)
	c.after(transaction.StepSet, func() string {
		assert.NoError(t, s.keyboard.Close())
		return "go"
	})
	require.Error(t, s.cmd.Wait()) // nsenter(1) is on the same terminal
	c.WaitFor(t, "the end of the program", func() bool { return !transaction.Held(c.Path("/run/ucs-harden.lock")) })
	c.afterStep.Store(nil)
	assert.Contains(t, c.harden(t, "history", 0).Stdout, " undone\n")
}

func (c *company) question(t *testing.T) {
	const mode = "apply --mode enforce --no-evidence --no-rehearsal"
	yes := c.onATerminal(t, mode)
	yes.answer(t, "Apply this in mode enforce? [y/N] ", "y")
	const back = "Take it back by itself in 10 minutes, unless you confirm it? [Y/n] "
	// A mistyped answer is the safe one. An Enter that is typed ahead confirms nothing.
	yes.answer(t, back, "ja\n")
	yes.shows(t, "Taken back by itself in ")
	assert.Contains(t, yes.text(), "unless you run: ucs-harden confirm")
	j := c.journal()
	require.NotNil(t, j)
	assert.InDelta(t, uptime(t)+10*time.Minute, j.Due, float64(time.Minute))
	c.pair(t)
	c.harden(t, "rollback", 0)
	c.nobodyWatches(t)
	yes.end(t, 3)
	assert.Regexp(t, `error:.* `+j.ID+` was rolled back elsewhere`, yes.text())

	no := c.onATerminal(t, mode)
	no.answer(t, "Apply this in mode enforce? [y/N] ", "y")
	no.answer(t, back, "n")
	no.end(t, 0)
	assert.NotContains(t, no.said.String(), "ucs-harden confirm")
	require.Nil(t, c.journal())
	c.harden(t, "rollback", 0)

	warn := c.onATerminal(t, "apply --mode warn --no-rehearsal")
	warn.answer(t, "? [y/N] ", "y")
	warn.end(t, 0)
	assert.NotContains(t, warn.said.String(), "[Y/n]", "mode warn refuses nothing")
	c.harden(t, "rollback", 0)

	// The terminal is lost while the time counts down: that confirms nothing.
	lost := c.onATerminal(t, mode+" "+within)
	lost.answer(t, "? [y/N] ", "y")
	lost.shows(t, "Taken back by itself in ")
	assert.NotContains(t, lost.text(), "[Y/n]", "the time was given")
	require.NoError(t, lost.keyboard.Close())
	_ = lost.cmd.Wait() // the signal of the terminal may have ended nsenter(1)
	require.NotNil(t, c.journal(), "the change still waits")
	c.harden(t, "rollback", 0)
}

// A watcher that cannot take its lock does not count as a watcher.
func (c *company) nobodyCanWatch(t *testing.T) {
	const lock = "/run/ucs-harden-watch.lock"
	result, err := c.Mail().Run(t.Context(), "sh", "-c", "rm -f "+lock+" && ln -s /nowhere "+lock)
	require.NoError(t, err)
	require.Zero(t, result.Code, result.Stderr)
	said := c.harden(t, enforce+within, 1)
	assert.Regexp(t, `^warning: the evidence was not asked .*\nwarning: not rehearsed .*\nerror: cannot apply: cannot watch the deadline: .*; nothing was changed\nhint: apply without --confirm-within.*\n$`, said.Stderr)
	result, err = c.Mail().Run(t.Context(), "rm", lock)
	require.NoError(t, err)
	require.Zero(t, result.Code, result.Stderr)
}
