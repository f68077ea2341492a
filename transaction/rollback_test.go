package transaction_test

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	ours "ucs-harden/ledger"
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

// A change that has mended something is taken back, but not into a state that does not work.
func TestRollbackOfARepair(t *testing.T) {
	for _, lost := range [][]string{{table, table + ".db"}, {classes}, {senders + "warn", senders + "warn.db", table, table + ".db", classes}} {
		w := newWorld(t)
		fresh := w.tree()
		w.mustApply(plan.Warn)
		works := w.meaning()
		for _, path := range lost {
			require.NoError(t, os.Remove(w.path(path)))
		}
		w.handlers()
		w.unservable = nil
		w.mustApply(plan.Warn)
		w.unservable = nil // it was broken before
		back, err := w.machine().Rollback(t.Context(), "", false)
		require.NoError(t, err)
		assert.Contains(t, back.Kept.String(), lost[0]+" (it was missing, and is needed)")
		assert.Equal(t, works, w.meaning())
		assert.Empty(t, w.unservable)
		_, err = w.machine().Rollback(t.Context(), "", false)
		require.NoError(t, err)
		assert.Equal(t, fresh, w.tree())
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

// Each control has its own variables, so a change in the middle can be taken back below newer ones.
func TestRollbackInTheMiddle(t *testing.T) {
	w := newWorld(t)
	fresh := w.registry()
	ids := make([]string, 3)
	for i, key := range []string{mainList + "61", mainList + "62", mainList + "63"} {
		before := w.read(ledger)
		l, err := ours.Parse(before)
		require.NoError(t, err)
		l.Variables[key] = ours.Entry{Wrote: "reject_non_fqdn_sender"}
		ids[i] = w.mustApplyPlan(t, w.planOf(map[string]string{key: "reject_non_fqdn_sender"}, before, l.Bytes()))
	}
	m := w.machine()
	chosen, err := m.Chosen("", ids[0])
	require.NoError(t, err)
	require.Len(t, chosen, 2)
	assert.Equal(t, ids[2], chosen[0].ID)
	_, err = m.Chosen("", ids[2])
	require.ErrorIs(t, err, transaction.ErrNothing)

	back, err := m.Rollback(t.Context(), ids[1], false)
	require.NoError(t, err)
	assert.Equal(t, []string{ids[2]}, back.Newer)
	want := maps.Clone(fresh)
	want[mainList+"61"], want[mainList+"63"] = "reject_non_fqdn_sender", "reject_non_fqdn_sender"
	assert.Equal(t, want, w.registry())
	now, err := ours.Parse(w.read(ledger))
	require.NoError(t, err)
	assert.ElementsMatch(t, []string{mainList + "61", mainList + "63"}, slices.Collect(maps.Keys(now.Variables)), "the ledger knows what stays")
	for _, id := range []string{ids[2], ids[0]} {
		back, err := m.Rollback(t.Context(), id, false)
		require.NoError(t, err)
		assert.Empty(t, back.Newer)
	}
	assert.Equal(t, fresh, w.registry())
	assert.Empty(t, w.unservable)
}

// planOf sets variables and the ledger.
func (w *world) planOf(set map[string]string, before, after []byte) *plan.Plan {
	p := &plan.Plan{Schema: plan.Schema}
	now := w.registry()
	for key, value := range set {
		p.Variables = append(p.Variables, plan.Variable{Key: key, After: &value})
	}
	text := func(content []byte) *string {
		if content == nil {
			return nil
		}
		s := string(content)
		return &s
	}
	p.Files = []plan.File{plan.NewFile(ledger, plan.Ledger, text(before), text(after), "")}
	next := changed(now, set, nil)
	rendered := func(file string) plan.RenderedFile {
		return plan.RenderedFile{Path: file, Now: w.read(file), Current: w.rendering(now, file, false), Next: w.rendering(next, file, false)}
	}
	p.Rendered = &plan.Rendered{Main: rendered(transaction.MainCF), Master: rendered(transaction.MasterCF)}
	return p
}

func (w *world) mustApplyPlan(t *testing.T, p *plan.Plan) string {
	t.Helper()
	id, err := w.machine().Apply(t.Context(), p, transaction.Options{Now: time.Now()})
	require.NoError(t, err)
	return id
}

func TestRollbackOfANamedChange(t *testing.T) {
	w := newWorld(t)
	fresh := w.tree()
	warn := w.mustApply(plan.Warn)
	enforce := w.mustApply(plan.Enforce)
	_, err := w.machine().Rollback(t.Context(), "20200101T000000Z-00000000", false)
	require.ErrorIs(t, err, transaction.ErrNoChange)
	require.Empty(t, outcome.Hint(err), "none is like that")
	_, err = w.machine().Rollback(t.Context(), warn[:len(warn)-1], false)
	require.ErrorIs(t, err, transaction.ErrNoChange)
	require.Equal(t, "did you mean: ucs-harden rollback "+warn, outcome.Hint(err))

	// The older one is covered by the newer one.
	_, err = w.machine().Rollback(t.Context(), warn, false)
	require.ErrorIs(t, err, transaction.ErrConflict)
	require.ErrorContains(t, err, "variable "+mainList+"05-warn (by the newer change "+enforce+")")
	_, err = w.machine().Rollback(t.Context(), enforce, false)
	require.NoError(t, err)
	_, err = w.machine().Rollback(t.Context(), enforce, false)
	require.ErrorIs(t, err, transaction.ErrNothing)
	require.ErrorContains(t, err, "rolled-back")
	_, err = w.machine().Chosen("", enforce)
	require.ErrorIs(t, err, transaction.ErrNoChange, "what is not in effect cannot stay")
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
