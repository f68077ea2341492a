package transaction_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ucs-harden/outcome"
	"ucs-harden/plan"
	"ucs-harden/transaction"
)

var noon = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)

// at is a moment so long after noon, in the same run of the kernel, whose clock
// nobody has set; it was booted an hour before noon.
func at(after time.Duration) transaction.Moment {
	return transaction.Moment{Wall: noon.Add(after), Boot: "one", Uptime: time.Hour + after}
}

func rebooted(wall time.Time, uptime time.Duration) transaction.Moment {
	return transaction.Moment{Wall: wall, Boot: "two", Uptime: uptime}
}

const within = 10 * time.Minute

// waiting is a server with an apply made at noon that waits to be confirmed.
func waiting(t *testing.T) (w *world, id string, old map[string]string) {
	t.Helper()
	w = newWorld(t)
	old = w.tree()
	id, err := w.applyWithin(t.Context(), plan.Enforce)
	require.NoError(t, err)
	return w, id, old
}

func (w *world) applyWithin(ctx context.Context, mode plan.Mode) (string, error) {
	return w.machineAt(at(0)).Apply(ctx, w.plan(mode), transaction.Options{
		Now: noon, ConfirmWithin: within, Watch: func(context.Context, string) error { return nil },
	})
}

func (w *world) machineAt(now transaction.Moment) *transaction.Machine {
	m := w.machine()
	m.Clock = func() transaction.Moment { return now }
	return m
}

// mustWait: it is in effect, and the journal says so.
func (w *world) mustWait(t *testing.T, id string) {
	t.Helper()
	j, err := w.machine().Store.Journal()
	require.NoError(t, err)
	require.NotNil(t, j)
	require.Equal(t, id, j.ID)
	require.Equal(t, transaction.Confirming, j.Kind)
	require.Equal(t, transaction.Waiting, w.machine().Store.State(id))
}

func TestAnApplyIsTakenBackAtItsDeadlineAndNotBefore(t *testing.T) {
	for sentence, c := range map[string]struct {
		now transaction.Moment
		due bool
	}{
		"a second before":                            {at(within - time.Second), false},
		"at the deadline":                            {at(within), true},
		"long after":                                 {at(time.Hour), true},
		"the clock was set an hour ahead":            {transaction.Moment{Wall: noon.Add(time.Hour), Boot: "one", Uptime: time.Hour + 9*time.Minute}, false},
		"the clock was set back, and it is due":      {transaction.Moment{Wall: noon.Add(-time.Hour), Boot: "one", Uptime: time.Hour + within}, true},
		"rebooted, a second before":                  {rebooted(noon.Add(within-time.Second), 5*time.Minute), false},
		"rebooted, at the deadline":                  {rebooted(noon.Add(within), time.Minute), true},
		"rebooted without a clock":                   {rebooted(time.Unix(0, 0), 9*time.Minute), false},
		"rebooted without a clock, and up as long":   {rebooted(time.Unix(0, 0), within), true},
		"the kernel does not tell its boots apart":   {transaction.Moment{Wall: noon.Add(9 * time.Minute)}, false},
		"the same, and the time of day has come":     {transaction.Moment{Wall: noon.Add(within)}, true},
		"rebooted, and up for a moment, a day later": {rebooted(noon.Add(24*time.Hour), time.Second), true},
	} {
		t.Run(sentence, func(t *testing.T) {
			w, id, old := waiting(t)
			next := w.tree()
			j, err := w.machineAt(c.now).Recover(t.Context())
			require.Equal(t, id, j.ID)
			if !c.due {
				require.ErrorIs(t, err, transaction.ErrWaiting)
				require.Equal(t, next, w.tree())
				w.mustWait(t, id)
				_, err = w.machineAt(c.now).Confirm()
				require.NoError(t, err)
				require.Equal(t, transaction.Applied, w.machine().Store.State(id))
				return
			}
			require.NoError(t, err)
			require.Equal(t, old, w.tree())
			require.Equal(t, transaction.Unconfirmed, w.machine().Store.State(id))
			require.Empty(t, w.unservable)
			_, err = w.machineAt(c.now).Confirm()
			require.ErrorIs(t, err, transaction.ErrTooLate, "it says what became of it")
		})
	}
}

func TestConfirmed(t *testing.T) {
	w, id, _ := waiting(t)
	next := w.meaning()
	j, err := w.machineAt(at(within - time.Second)).Confirm()
	require.NoError(t, err)
	require.Equal(t, id, j.ID)
	_, err = w.machineAt(at(time.Hour)).Recover(t.Context())
	require.ErrorIs(t, err, transaction.ErrNothing)
	delete(next, journalFile)
	assert.Equal(t, next, w.meaning())
	_, err = w.machineAt(at(0)).Confirm()
	require.ErrorIs(t, err, transaction.ErrNothing)
	_, err = w.machine().Rollback(t.Context(), "", false)
	require.NoError(t, err)
}

// Too late is too late, also when nobody has taken it back yet.
func TestConfirmedTooLate(t *testing.T) {
	w, id, old := waiting(t)
	_, err := w.machineAt(at(within)).Confirm()
	require.ErrorIs(t, err, transaction.ErrTooLate)
	require.ErrorContains(t, err, "the deadline was ")
	w.mustWait(t, id)
	_, err = w.machineAt(at(within)).Recover(t.Context())
	require.NoError(t, err)
	assert.Equal(t, old, w.tree())
}

// Half of it may be gone: then no clock brings back the chance to keep it.
func TestWhatIsBeingTakenBackCannotBeConfirmed(t *testing.T) {
	start, id, old := waiting(t)
	calm := start.clone(t)
	_, err := calm.machineAt(at(within)).Recover(t.Context())
	require.NoError(t, err)
	for n, name := range calm.calls[len(start.calls):] {
		for _, k := range []kind{failBefore, failHalf, crashHalf, crashAfter} {
			t.Run(fmt.Sprintf("call %d, %s, %s", n+1, name, k), func(t *testing.T) {
				w := start.clone(t)
				w.fault = fault{call: n + 1, kind: k}
				alive(func() { _, _ = w.machineAt(at(within)).Recover(t.Context()) })
				w.fault = fault{}
				if j, _ := w.machine().Store.Journal(); j == nil {
					require.Equal(t, old, w.tree())
					return // it was through, or had tried again
				}
				lost := rebooted(time.Unix(0, 0), time.Second)
				_, err := w.machineAt(lost).Confirm()
				require.ErrorIs(t, err, transaction.ErrTooLate)
				_, err = w.machineAt(lost).Recover(t.Context())
				require.NoError(t, err)
				require.Equal(t, old, w.tree())
				require.Equal(t, transaction.Unconfirmed, w.machine().Store.State(id))
				require.Empty(t, w.unservable)
			})
		}
	}
}

// An apply that was killed half way is nobody's wish: it does not wait.
func TestAnApplyThatWasKilledDoesNotWaitForItsDeadline(t *testing.T) {
	for _, step := range transaction.Steps()[1 : len(transaction.Steps())-1] { // from the journal to the last before the end
		t.Run(step, func(t *testing.T) {
			w := newWorld(t)
			old := w.tree()
			m := w.machineAt(at(0))
			m.After = dieAfter(step)
			watched := ""
			require.False(t, alive(func() {
				_, _ = m.Apply(t.Context(), w.plan(plan.Enforce), transaction.Options{
					Now: noon, ConfirmWithin: within, Watch: func(_ context.Context, id string) error { watched = id; return nil },
				})
			}))
			j, err := w.machineAt(at(0)).Recover(t.Context())
			require.NoError(t, err)
			require.Equal(t, watched, j.ID)
			require.Equal(t, old, w.tree())
			require.Equal(t, transaction.Undone, w.machine().Store.State(j.ID))
		})
	}
}

// The watcher is there before anything is touched, and finds the journal.
func TestNobodyWatches(t *testing.T) {
	w := newWorld(t)
	old := w.tree()
	_, err := w.machine().Apply(t.Context(), w.plan(plan.Enforce), transaction.Options{
		Now: noon, ConfirmWithin: within,
		Watch: func(_ context.Context, id string) error {
			j, err := w.machine().Store.Journal()
			require.NoError(t, err)
			require.Equal(t, &transaction.Journal{ID: id, Kind: transaction.Applying}, j)
			now := w.tree()
			delete(now, journalFile)
			require.Equal(t, old, now)
			return errors.New("no process can be started")
		},
	})
	require.ErrorIs(t, err, transaction.ErrUnwatched)
	require.EqualError(t, err, "cannot watch the deadline: no process can be started")
	require.True(t, outcome.IsUnchanged(err))
	assert.Equal(t, old, w.tree())
	changes, err := w.machine().Store.List()
	require.NoError(t, err)
	assert.Empty(t, changes)
}

func TestRollbackWhileAnApplyWaits(t *testing.T) {
	w := newWorld(t)
	w.mustApply(plan.Warn)
	warn := w.tree()
	first, err := w.machine().Store.List()
	require.NoError(t, err)
	id, err := w.applyWithin(t.Context(), plan.Enforce)
	require.NoError(t, err)

	_, err = w.machine().Rollback(t.Context(), first[0].ID, true)
	require.ErrorIs(t, err, transaction.ErrWaiting)
	require.True(t, outcome.IsUnchanged(err), "%v", err)
	w.mustWait(t, id)

	c, err := w.machine().Rollback(t.Context(), "", false)
	require.NoError(t, err)
	require.Equal(t, id, c.ID)
	require.Equal(t, warn, w.tree())
	require.Equal(t, transaction.RolledBack, w.machine().Store.State(id))
	_, err = w.machineAt(at(time.Hour)).Recover(t.Context())
	require.ErrorIs(t, err, transaction.ErrNothing)
}

func TestTwoAppliesThatWaitAfterOneAnother(t *testing.T) {
	w := newWorld(t)
	_, err := w.applyWithin(t.Context(), plan.Warn)
	require.NoError(t, err)
	_, err = w.machineAt(at(0)).Confirm()
	require.NoError(t, err)
	warn := w.tree()
	_, err = w.applyWithin(t.Context(), plan.Enforce)
	require.NoError(t, err)
	_, err = w.machineAt(at(within)).Recover(t.Context())
	require.NoError(t, err)
	assert.Equal(t, warn, w.tree(), "only the second comes back")
}

// Nobody is there to be asked. What someone else has set meanwhile stays, also where the apply has touched it.
func TestTheDeadlineKeepsWhatSomeoneElseDid(t *testing.T) {
	w, _, _ := waiting(t)
	before := newWorld(t).registry()
	w.setByHand("mail/postfix/mynetworks", "10.0.0.0/8")
	w.setByHand(mainList+"60", "reject_rbl_client dnsbl.example")
	recovered, err := w.machineAt(at(within)).Recover(t.Context())
	require.NoError(t, err)
	before["mail/postfix/mynetworks"] = "10.0.0.0/8"
	before[mainList+"60"] = "reject_rbl_client dnsbl.example"
	assert.Equal(t, before, w.registry())
	assert.Equal(t, `variable mail/postfix/mynetworks (set to "10.0.0.0/8")`, recovered.Kept.String())
}

func TestNow(t *testing.T) {
	now := transaction.Now()
	assert.Regexp(t, `^[0-9a-f-]{36}$`, now.Boot)
	assert.Positive(t, now.Uptime)
	assert.WithinDuration(t, time.Now(), now.Wall, time.Minute)
	assert.Greater(t, transaction.Now().Uptime, now.Uptime)
}

func TestHeld(t *testing.T) {
	path := t.TempDir() + "/lock"
	assert.False(t, transaction.Held(path), "there is none")
	release, err := transaction.Lock(path)
	require.NoError(t, err)
	assert.True(t, transaction.Held(path))
	release()
	assert.False(t, transaction.Held(path), "the file stays")
	_, err = os.Stat(path)
	assert.NoError(t, err)
}
