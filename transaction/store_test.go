package transaction_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ucs-harden/outcome"
	"ucs-harden/plan"
	"ucs-harden/transaction"
)

const (
	journalFile = "/var/lib/ucs-harden/journal.json"
	historyDir  = "/var/lib/ucs-harden/history/"
)

// killed is a server on which an apply was killed after ucr set.
func killed(t *testing.T) (w *world, id string, before map[string]string) {
	t.Helper()
	w = newWorld(t)
	w.mustApply(plan.Warn)
	before = w.tree()
	m := w.machine()
	m.After = dieAfter(transaction.StepSet)
	p := w.plan(plan.Enforce)
	require.False(t, alive(func() { _, _ = m.Apply(t.Context(), p, transaction.Options{Now: time.Now()}) }))
	j, err := w.machine().Store.Journal()
	require.NoError(t, err)
	return w, j.ID, before
}

// A damaged store stops recovery before it touches anything, and says so; once
// it is repaired, recovery works.
func TestADamagedStoreChangesNothing(t *testing.T) {
	image := func(id string) string { return historyDir + id + "/files/etc_postfix_main.cf" }
	for sentence, c := range map[string]struct {
		file   func(id string) string
		damage func(content []byte) []byte
	}{
		"the journal names nothing known": {func(string) string { return journalFile }, func([]byte) []byte { return []byte(`{"id":"20200101T000000Z-00000000","kind":"apply"}`) }},
		"the manifest is cut":             {func(id string) string { return historyDir + id + "/manifest.json" }, func(b []byte) []byte { return b[:len(b)/2] }},
		"the manifest is from the future": {func(id string) string { return historyDir + id + "/manifest.json" }, func(b []byte) []byte {
			return []byte(strings.Replace(string(b), `"schema": 1`, `"schema": 2`, 1))
		}},
		"a before-image has one byte more": {image, func(b []byte) []byte { return append(b, 'x') }},
		"a before-image is empty":          {image, func([]byte) []byte { return nil }},
	} {
		t.Run(sentence, func(t *testing.T) {
			w, id, before := killed(t)
			file := w.path(c.file(id))
			good, err := os.ReadFile(file)
			require.NoError(t, err)
			require.NoError(t, os.WriteFile(file, c.damage(good), 0o600))
			damaged := w.tree()
			_, err = w.machine().Recover(t.Context())
			require.ErrorIs(t, err, transaction.ErrIncomplete)
			assert.Equal(t, damaged, w.tree())

			require.NoError(t, os.WriteFile(file, good, 0o600))
			_, err = w.machine().Recover(t.Context())
			require.NoError(t, err)
			assert.Equal(t, before, w.tree())
		})
	}
}

// damages are what a journal can be damaged by.
var damages = map[string]func([]byte) []byte{
	"empty":           func([]byte) []byte { return nil },
	"cut":             func(b []byte) []byte { return b[:len(b)/2] },
	"leads elsewhere": func([]byte) []byte { return []byte(`{"id":"../../etc","kind":"apply"}`) },
}

// A damaged journal stops nobody: the history tells what it was about.
func TestADamagedJournal(t *testing.T) {
	damage := func(w *world, how func([]byte) []byte) {
		require.NoError(t, os.WriteFile(w.path(journalFile), how(w.read(journalFile)), 0o600))
	}
	for sentence, how := range damages {
		t.Run(sentence, func(t *testing.T) {
			w, id, before := killed(t)
			damage(w, how)
			recovered, err := w.machine().Recover(t.Context())
			require.NoError(t, err)
			assert.Equal(t, id, recovered.ID)
			assert.Equal(t, before, w.tree())
			assert.Equal(t, transaction.Undone, w.machine().Store.State(id))
		})
		for _, step := range transaction.Steps()[1:] {
			t.Run(sentence+", of a rollback killed after "+step, func(t *testing.T) {
				w := newWorld(t)
				w.mustApply(plan.Warn)
				before := w.tree()
				id := w.mustApply(plan.Enforce)
				require.False(t, alive(func() { _, _ = w.dyingAfter(step).Rollback(t.Context(), "", false) }))
				if step == transaction.StepFinish {
					return
				}
				damage(w, how)
				if _, err := w.machine().Recover(t.Context()); err != nil { // nothing of the rollback was to be seen
					require.ErrorIs(t, err, transaction.ErrNothing)
					require.NoError(t, os.Remove(w.path(journalFile+".damaged")))
					_, err = w.machine().Rollback(t.Context(), id, false)
					require.NoError(t, err)
				}
				assert.Equal(t, before, w.tree())
				assert.Equal(t, transaction.RolledBack, w.machine().Store.State(id))
				assert.Empty(t, w.unservable)
			})
		}
	}
	t.Run("no change was under way", func(t *testing.T) {
		w := newWorld(t)
		w.mustApply(plan.Warn)
		before := w.tree()
		w.write(journalFile, []byte("{"), 0o600)
		_, err := w.machine().Recover(t.Context())
		require.ErrorIs(t, err, transaction.ErrNothing)
		require.NoError(t, os.Remove(w.path(journalFile+".damaged")))
		assert.Equal(t, before, w.tree())
	})
}

// One damaged manifest or a foreign folder costs that entry, not the command.
func TestADamagedEntryOfTheHistory(t *testing.T) {
	w := newWorld(t)
	before := w.tree()
	first := w.mustApply(plan.Warn)
	warn := w.tree()
	second := w.mustApply(plan.Enforce)
	w.write(historyDir+"lost+found/x", nil, 0o600)
	w.write(historyDir+"notes.txt", nil, 0o600)
	manifest := historyDir + first + "/manifest.json"
	good := w.read(manifest)
	w.write(manifest, []byte("{"), 0o600)
	all, err := w.machine().Store.List()
	require.NoError(t, err)
	require.Len(t, all, 2)
	for _, r := range all {
		assert.Equal(t, transaction.Applied, r.State)
		if r.ID == first {
			require.ErrorContains(t, r.Damaged, "cannot read the backup "+first)
		} else {
			require.NoError(t, r.Damaged)
		}
	}

	_, err = w.machine().Rollback(t.Context(), second, false)
	require.NoError(t, err)
	assert.Equal(t, warn, w.tree())
	_, err = w.machine().Rollback(t.Context(), "", false)
	require.ErrorContains(t, err, "cannot read the backup "+first, "no older change is taken in its place")
	require.True(t, outcome.IsUnchanged(err))
	w.write(manifest, good, 0o600)
	_, err = w.machine().Rollback(t.Context(), "", false)
	require.NoError(t, err)
	assert.Equal(t, before, w.tree())
}

func TestRollbackWithADamagedBackupChangesNothing(t *testing.T) {
	w := newWorld(t)
	id := w.mustApply(plan.Warn)
	require.NoError(t, os.WriteFile(w.path(historyDir+id+"/files/etc_postfix_master.cf"), []byte("smtp"), 0o600))
	before := w.tree()
	_, err := w.machine().Rollback(t.Context(), "", false)
	require.ErrorContains(t, err, "its content is damaged")
	require.True(t, outcome.IsUnchanged(err), "%v", err)
	assert.Equal(t, before, w.tree())
	assert.Equal(t, transaction.Applied, w.machine().Store.State(id))
}

func TestTheHistoryTellsHowFarEachChangeGot(t *testing.T) {
	w := newWorld(t)
	store := w.machine().Store
	all, err := store.List()
	require.NoError(t, err)
	require.Empty(t, all)

	first := w.mustApply(plan.Warn)
	w.fault = fault{call: 2, kind: failAfter}
	undone, err := w.apply(t.Context(), plan.Enforce)
	require.ErrorIs(t, err, transaction.ErrRolledBack)
	w.fault = fault{}
	rolledBack := w.mustApply(plan.Enforce)
	_, err = w.machine().Rollback(t.Context(), "", false)
	require.NoError(t, err)
	for id, want := range map[string]transaction.State{first: transaction.Applied, undone: transaction.Undone, rolledBack: transaction.RolledBack} {
		assert.Equal(t, want, store.State(id), id)
	}
	all, err = store.List()
	require.NoError(t, err)
	require.Len(t, all, 3)
	assert.Equal(t, first, all[0].ID)

	m := w.machine()
	m.After = dieAfter(transaction.StepCommit)
	p := w.plan(plan.Enforce)
	require.False(t, alive(func() { _, _ = m.Apply(t.Context(), p, transaction.Options{Now: time.Now()}) }))
	j, err := store.Journal()
	require.NoError(t, err)
	all, err = store.List()
	require.NoError(t, err)
	require.Len(t, all, 4, "the one under way is listed")
	assert.Equal(t, transaction.Unfinished, store.State(j.ID))
}

// Killed while the backup is written: nothing had begun, so nothing is listed,
// and neither stands in the way.
func TestABackupOfNoChangeIsNoHistory(t *testing.T) {
	for sentence, leave := range map[string]func(w *world){
		"whole": func(w *world) {
			m := w.machine()
			m.After = dieAfter(transaction.StepBackup)
			p := w.plan(plan.Warn)
			alive(func() { _, _ = m.Apply(w.t.Context(), p, transaction.Options{Now: time.Now()}) })
		},
		"without a manifest": func(w *world) { w.write(historyDir+"20200101T000000Z-00000000/files/x", nil, 0o600) },
	} {
		t.Run(sentence, func(t *testing.T) {
			w := newWorld(t)
			leave(w)
			left, err := filepath.Glob(w.path(historyDir + "*"))
			require.NoError(t, err)
			require.Len(t, left, 1)
			all, err := w.machine().Store.List()
			require.NoError(t, err)
			assert.Empty(t, all)
			_, err = w.machine().Rollback(t.Context(), "", false)
			require.ErrorIs(t, err, transaction.ErrNothing)
			_, err = w.machine().Recover(t.Context())
			require.ErrorIs(t, err, transaction.ErrNothing)
			id := w.mustApply(plan.Warn)
			c, err := w.machine().Rollback(t.Context(), "", false)
			require.NoError(t, err)
			assert.Equal(t, id, c.ID)
		})
	}
}
