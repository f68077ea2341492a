package transaction_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ucs-harden/outcome"
	"ucs-harden/plan"
	"ucs-harden/transaction"
)

func TestRollbackIsExact(t *testing.T) {
	for sentence, j := range journeys {
		t.Run(sentence, func(t *testing.T) {
			w := newWorld(t)
			w.mustApply(j.before...)
			before := w.tree()
			id := w.mustApply(j.to)
			c, err := w.machine().Rollback(t.Context(), "", false)
			require.NoError(t, err)
			assert.Equal(t, id, c.ID)
			assert.Equal(t, before, w.tree())
			assert.Equal(t, transaction.RolledBack, w.machine().Store.State(id))
			assert.Equal(t, string(w.read(transaction.MasterCF)), string(w.loaded), "master(8) was not told")
			assert.Empty(t, w.unservable)
		})
	}
}

func TestRollbacksGoBackOneByOne(t *testing.T) {
	w := newWorld(t)
	trees := []map[string]string{w.tree()}
	for _, mode := range []plan.Mode{plan.Warn, plan.Enforce, plan.Off} {
		w.mustApply(mode)
		trees = append(trees, w.tree())
	}
	for _, want := range slices.Backward(trees[:3]) {
		_, err := w.machine().Rollback(t.Context(), "", false)
		require.NoError(t, err)
		require.Equal(t, want, w.tree())
	}
	_, err := w.machine().Rollback(t.Context(), "", false)
	require.ErrorIs(t, err, transaction.ErrNothing)
	assert.Empty(t, w.unservable)
}

// The way back asks before it overwrites, and tells what.
func TestRollbackRespectsWhatSomeoneElseDid(t *testing.T) {
	for sentence, c := range map[string]struct {
		meddle   func(w *world)
		conflict string
	}{
		"a variable was changed": {
			func(w *world) { w.setByHand("mail/postfix/mynetworks", "10.0.0.0/8") }, "variable mail/postfix/mynetworks",
		},
		"a variable was unset": {
			func(w *world) { w.unsetByHand(submissionList + "10") }, "variable " + submissionList + "10",
		},
		"the table was edited": {func(w *world) { w.write(table, []byte("company.my OK\n"), 0o644) }, "file " + table},
		"main.cf was edited": {
			func(w *world) {
				w.write(transaction.MainCF, append(w.read(transaction.MainCF), "soft_bounce = yes\n"...), 0o644)
			},
			"file " + transaction.MainCF + " (edited by hand)",
		},
	} {
		t.Run(sentence, func(t *testing.T) {
			w := newWorld(t)
			before := w.tree()
			w.mustApply(plan.Warn)
			c.meddle(w)
			meddled := w.tree()
			_, err := w.machine().Rollback(t.Context(), "", false)
			require.ErrorIs(t, err, transaction.ErrConflict)
			require.ErrorContains(t, err, c.conflict)
			require.True(t, outcome.IsUnchanged(err), "%v", err)
			require.Equal(t, meddled, w.tree())
			_, err = w.machine().Rollback(t.Context(), "", true)
			require.NoError(t, err)
			assert.Equal(t, before, w.tree())
		})
	}
}

// A table that is gone is nobody's setting: the way back needs nobody's leave.
func TestRollbackWithoutATable(t *testing.T) {
	for _, modes := range [][]plan.Mode{{plan.Warn}, {plan.Warn, plan.Enforce}} {
		w := newWorld(t)
		w.mustApply(modes[:len(modes)-1]...)
		before := w.tree()
		w.mustApply(modes[len(modes)-1])
		require.NoError(t, os.Remove(w.path(table)))
		require.NoError(t, os.Remove(w.path(table+".db")))
		_, err := w.machine().Rollback(t.Context(), "", false)
		require.NoError(t, err)
		assert.Equal(t, before, w.tree())
	}
}

// What nobody asked us to touch stays, and is rendered with what comes back.
func TestRollbackKeepsWhatItNeverTouched(t *testing.T) {
	w := newWorld(t)
	before := w.registry()
	w.mustApply(plan.Warn)
	w.setByHand(mainList+"60", "reject_rbl_client dnsbl.example")
	_, err := w.machine().Rollback(t.Context(), "", false)
	require.NoError(t, err)
	before[mainList+"60"] = "reject_rbl_client dnsbl.example"
	assert.Equal(t, before, w.registry())
	assert.Equal(t, string(w.rendering(before, transaction.MainCF, true)), string(w.read(transaction.MainCF)))
}

func (w *world) setByHand(key, value string) {
	w.writeRegistry(changed(w.registry(), map[string]string{key: value}, nil))
	w.handlers()
}

func (w *world) unsetByHand(key string) {
	w.writeRegistry(changed(w.registry(), nil, []string{key}))
	w.handlers()
}

// handlers renders the files that are not what the registry says, as those of ucr set and unset do.
func (w *world) handlers() {
	for _, file := range []string{transaction.MainCF, transaction.MasterCF} {
		if !bytes.Equal(canonical(file, w.rendering(w.registry(), file, false)), canonical(file, w.read(file))) {
			w.commit(file)
		}
	}
}

func TestRollbackOfANamedChange(t *testing.T) {
	w := newWorld(t)
	fresh := w.tree()
	warn := w.mustApply(plan.Warn)
	enforce := w.mustApply(plan.Enforce)
	_, err := w.machine().Rollback(t.Context(), "20200101T000000Z-00000000", false)
	require.ErrorIs(t, err, transaction.ErrNothing)

	// The older one is covered by the newer one.
	_, err = w.machine().Rollback(t.Context(), warn, false)
	require.ErrorIs(t, err, transaction.ErrConflict)
	_, err = w.machine().Rollback(t.Context(), enforce, false)
	require.NoError(t, err)
	_, err = w.machine().Rollback(t.Context(), enforce, false)
	require.ErrorIs(t, err, transaction.ErrNothing)
	require.ErrorContains(t, err, "rolled-back")
	_, err = w.machine().Rollback(t.Context(), warn, false)
	require.NoError(t, err)
	assert.Equal(t, fresh, w.tree())
}

// Whatever goes wrong on the way back, Recover goes on.
func TestAFaultAtAnyCallOfARollback(t *testing.T) {
	for sentence, j := range journeys {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			start := newWorld(t)
			start.mustApply(j.before...)
			old := start.tree()
			id := start.mustApply(j.to)
			e := ends{old: old, next: start.tree()}
			calm := start.clone(t)
			_, err := calm.machine().Rollback(t.Context(), "", false)
			require.NoError(t, err)
			for n, name := range calm.calls {
				for _, k := range []kind{failBefore, failHalf, failAfter, silent, cancel, crashHalf, crashAfter} {
					t.Run(fmt.Sprintf("call %d, %s, %s", n+1, name, k), func(t *testing.T) {
						w := start.clone(t)
						ctx, stop := context.WithCancel(t.Context())
						defer stop()
						w.fault = fault{call: n + 1, kind: k, cancel: stop}
						survived := alive(func() { _, err = w.machine().Rollback(ctx, "", false) })
						w.fault.call = 0
						w.judgeRollback(t, id, survived, err, e)
					})
				}
			}
		})
	}
}

func (w *world) judgeRollback(t *testing.T, id string, survived bool, err error, e ends) {
	t.Helper()
	store := w.machine().Store
	journal, jerr := store.Journal()
	require.NoError(t, jerr)
	switch {
	case journal != nil:
		require.Equal(t, &transaction.Journal{ID: id, Kind: "rollback"}, journal)
		if survived {
			require.ErrorIs(t, err, transaction.ErrIncomplete)
		}
		_, err = w.machine().Recover(t.Context())
		require.NoError(t, err)
		require.Equal(t, e.old, w.tree())
		require.Equal(t, transaction.RolledBack, store.State(id))
	case survived && err == nil:
		require.Equal(t, e.old, w.tree())
		require.Equal(t, transaction.RolledBack, store.State(id))
	default:
		if survived {
			require.True(t, outcome.IsUnchanged(err), "%v", err)
		}
		require.Equal(t, e.next, w.tree())
		require.Equal(t, transaction.Applied, store.State(id))
	}
	if w.fault.kind != silent {
		assert.Empty(t, w.unservable)
	}
}

func TestAStoppedPostfixStaysStoppedOnTheWayBack(t *testing.T) {
	w := newWorld(t)
	before := w.tree()
	w.mustApply(plan.Warn)
	w.stopped = true
	_, err := w.machine().Rollback(t.Context(), "", false)
	require.NoError(t, err)
	assert.NotContains(t, w.calls, "postfix reload")
	assert.Equal(t, before, w.tree())
}
