package transaction_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ucs-harden/outcome"
	"ucs-harden/plan"
	"ucs-harden/transaction"
)

// journey is a change, and the modes applied before it.
type journey struct {
	before []plan.Mode
	to     plan.Mode
}

var journeys = map[string]journey{
	"from nothing to warn":    {nil, plan.Warn},
	"from nothing to enforce": {nil, plan.Enforce},
	"from warn to enforce":    {[]plan.Mode{plan.Warn}, plan.Enforce},
	"from enforce to warn":    {[]plan.Mode{plan.Enforce}, plan.Warn},
	"from enforce to off":     {[]plan.Mode{plan.Enforce}, plan.Off},
}

// clone is another server in the same state.
func (w *world) clone(t *testing.T) *world {
	t.Helper()
	c := &world{t: t, root: t.TempDir(), loaded: w.loaded, stopped: w.stopped}
	require.NoError(t, os.CopyFS(c.root, os.DirFS(w.root)))
	for name := range w.tree() { // CopyFS leaves the mode to the umask
		info, err := os.Stat(w.path(name))
		require.NoError(t, err)
		require.NoError(t, os.Chmod(c.path(name), info.Mode().Perm()))
	}
	return c
}

// ends are both ends of a change: the bytes before, the meaning after, and how
// many programs it takes.
type ends struct {
	old, next map[string]string
	calls     []string
}

func (w *world) ends(t *testing.T, to plan.Mode) ends {
	t.Helper()
	twin := w.clone(t)
	_, err := twin.apply(t.Context(), to)
	require.NoError(t, err)
	require.Empty(t, twin.unservable)
	require.NotEqual(t, w.meaning(), twin.meaning())
	return ends{w.tree(), twin.meaning(), twin.calls}
}

// TestAFaultAtAnyCall lets every call of every program go wrong in every way,
// once or from then on. What comes out is the old state or the new one, and
// the error says which.
func TestAFaultAtAnyCall(t *testing.T) {
	for sentence, j := range journeys {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			start := newWorld(t)
			start.mustApply(j.before...)
			e := start.ends(t, j.to)
			for n, name := range e.calls {
				for _, k := range []kind{failBefore, failHalf, failAfter, silent, cancel} {
					for _, lasts := range []bool{false, true} {
						if lasts && k != failBefore && k != silent {
							continue
						}
						t.Run(fmt.Sprintf("call %d, %s, %s, lasting %t", n+1, name, k, lasts), func(t *testing.T) {
							w := start.clone(t)
							ctx, stop := context.WithCancel(t.Context())
							defer stop()
							w.fault = fault{call: n + 1, kind: k, lasts: lasts, cancel: stop}
							id, err := w.apply(ctx, j.to)
							w.judge(t, id, err, e)
						})
					}
				}
			}
		})
	}
}

// When ucr cannot write its replog, it fails after it has written the registry, also on the way back. The old state is
// reached all the same.
func TestAReplogThatCannotBeWritten(t *testing.T) {
	for sentence, j := range journeys {
		t.Run(sentence, func(t *testing.T) {
			start := newWorld(t)
			start.mustApply(j.before...)
			e := start.ends(t, j.to)
			w := start.clone(t)
			w.fault = fault{call: 1, kind: replog, lasts: true}
			id, err := w.apply(t.Context(), j.to)
			require.ErrorIs(t, err, transaction.ErrRolledBack)
			w.judge(t, id, err, e)
		})
	}
}

// judge holds an outcome against what it claims to be.
func (w *world) judge(t *testing.T, id string, err error, e ends) {
	t.Helper()
	store := w.machine().Store
	journal, jerr := store.Journal()
	require.NoError(t, jerr)
	if journal == nil {
		require.NoFileExists(t, w.path(reserve))
	}
	silentReload := w.fault.kind == silent // master(8) then keeps what it has, and no one can see that
	switch {
	case err == nil:
		require.Nil(t, journal)
		require.Equal(t, e.next, w.meaning())
		require.Equal(t, transaction.Applied, store.State(id))
	case errors.Is(err, transaction.ErrIncomplete):
		require.Equal(t, outcome.Incomplete, outcome.ClassOf(err))
		require.False(t, outcome.IsUnchanged(err))
		require.Equal(t, &transaction.Journal{ID: id, Kind: "apply"}, journal)
		require.Equal(t, transaction.Unfinished, store.State(id))
		w.fault.call = 0
		recovered, err := w.machine().Recover(t.Context())
		require.NoError(t, err)
		require.Equal(t, id, recovered.ID)
		w.mustBeOld(t, id, e)
	case errors.Is(err, transaction.ErrRolledBack):
		require.Equal(t, outcome.RolledBack, outcome.ClassOf(err))
		require.False(t, outcome.IsUnchanged(err))
		w.mustBeOld(t, id, e)
	default:
		require.True(t, outcome.IsUnchanged(err), "%v", err)
		require.Equal(t, e.old, w.tree())
	}
	if !silentReload {
		assert.Empty(t, w.unservable)
	}
}

func (w *world) mustBeOld(t *testing.T, id string, e ends) {
	t.Helper()
	require.Equal(t, e.old, w.tree())
	require.Equal(t, transaction.Undone, w.machine().Store.State(id))
	_, err := w.machine().Recover(t.Context())
	require.ErrorIs(t, err, transaction.ErrNothing)
	if !w.fault.lasts {
		return
	}
	w.fault.call = 0 // nothing is left behind that would be in the way
	_, err = w.apply(t.Context(), mode(e))
	require.NoError(t, err)
	require.Equal(t, e.next, w.meaning())
}

// mode is the one that the new end was applied in.
func mode(e ends) plan.Mode {
	for m, mark := range map[plan.Mode]string{plan.Warn: "WARN", plan.Enforce: "REJECT"} {
		if e.next[table] == "0644 company.my "+mark+"\n" {
			return m
		}
	}
	return plan.Off
}

// TestKilledAtAnyCall kills us amid and after every call of every
// program, and Recover once more at each of its own calls.
func TestKilledAtAnyCall(t *testing.T) {
	for sentence, j := range journeys {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			start := newWorld(t)
			start.mustApply(j.before...)
			e := start.ends(t, j.to)
			for n, name := range e.calls {
				for _, k := range []kind{crashHalf, crashAfter} {
					t.Run(fmt.Sprintf("call %d, %s, %s", n+1, name, k), func(t *testing.T) {
						w := start.clone(t)
						w.fault = fault{call: n + 1, kind: k}
						require.False(t, alive(func() { _, _ = w.apply(t.Context(), j.to) }))
						w.killRecovery(t, k, e)
						assert.Empty(t, w.unservable)
					})
				}
			}
		})
	}
}

// killRecovery recovers, and in copies of the server is killed at each call
// while doing so and begins again.
func (w *world) killRecovery(t *testing.T, k kind, e ends) {
	t.Helper()
	calm := w.clone(t)
	_, err := calm.machine().Recover(t.Context())
	require.NoError(t, err)
	require.Equal(t, e.old, calm.tree())
	require.Empty(t, calm.unservable)
	for n := range calm.calls {
		again := w.clone(t)
		again.fault = fault{call: n + 1, kind: k}
		// It survives when it needs a call less: overrides in no stable order may be as they were by chance.
		if !alive(func() { _, err = again.machine().Recover(t.Context()) }) {
			again.fault = fault{}
			_, err = again.machine().Recover(t.Context())
		}
		require.NoError(t, err)
		require.Equal(t, e.old, again.tree())
		require.Empty(t, again.unservable)
	}
}

// TestKilledAfterAnyStep kills us where no program runs: before the journal
// the old state is there, then until it is closed Recover brings it back, and
// then the new one is there.
func TestKilledAfterAnyStep(t *testing.T) {
	for sentence, j := range journeys {
		t.Run(sentence, func(t *testing.T) {
			start := newWorld(t)
			start.mustApply(j.before...)
			e := start.ends(t, j.to)
			for _, step := range transaction.Steps() {
				t.Run(step, func(t *testing.T) {
					w := start.clone(t)
					m := w.dyingAfter(step)
					p := w.plan(j.to)
					require.False(t, alive(func() { _, _ = m.Apply(t.Context(), p, transaction.Options{}) }))
					_, err := w.machine().Recover(t.Context())
					switch step {
					case transaction.StepBackup:
						require.ErrorIs(t, err, transaction.ErrNothing)
						assert.Equal(t, e.old, w.tree())
					case transaction.StepFinish:
						require.ErrorIs(t, err, transaction.ErrNothing)
						assert.Equal(t, e.next, w.meaning())
					default:
						require.NoError(t, err)
						assert.Equal(t, e.old, w.tree())
					}
					assert.Empty(t, w.unservable)
				})
			}
		})
	}
}

// dyingAfter is a machine that observes the server after every step, and dies after one.
func (w *world) dyingAfter(step string) *transaction.Machine {
	m := w.machine()
	observe := m.After
	m.After = func(done string) {
		observe(done)
		dieAfter(step)(done)
	}
	return m
}

// TestAWayBackKilledAfterAnyStep does the same with a rollback, and with the Recover that goes on with it.
func TestAWayBackKilledAfterAnyStep(t *testing.T) {
	for sentence, j := range journeys {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			start := newWorld(t)
			start.mustApply(j.before...)
			old := start.tree()
			start.mustApply(j.to)
			steps := transaction.Steps()[1:] // a rollback makes no backup
			for _, step := range steps {
				for _, again := range steps[1:] { // nor does Recover open the journal
					w := start.clone(t)
					require.False(t, alive(func() { _, _ = w.dyingAfter(step).Rollback(t.Context(), "", false) }))
					if step != transaction.StepFinish {
						require.False(t, alive(func() { _, _ = w.dyingAfter(again).Recover(t.Context()) }))
					}
					if step != transaction.StepFinish && again != transaction.StepFinish {
						_, err := w.machine().Recover(t.Context())
						require.NoError(t, err, "%s, %s", step, again)
					}
					require.Equal(t, old, w.tree(), "%s, %s", step, again)
					require.Empty(t, w.unservable, "%s, %s", step, again)
				}
			}
		})
	}
}
