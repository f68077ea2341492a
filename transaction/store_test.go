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
		"the journal is empty":            {func(string) string { return journalFile }, func([]byte) []byte { return nil }},
		"the journal is cut":              {func(string) string { return journalFile }, func(b []byte) []byte { return b[:len(b)/2] }},
		"the journal leads elsewhere":     {func(string) string { return journalFile }, func([]byte) []byte { return []byte(`{"id":"../../etc","kind":"apply"}`) }},
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
