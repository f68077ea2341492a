package transaction_test

import (
	"context"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ucs-harden/outcome"
	"ucs-harden/plan"
	"ucs-harden/transaction"
)

// dieAfter is kill -9 when a step is done.
func dieAfter(step string) func(string) {
	return func(done string) {
		if done == step {
			runtime.Goexit()
		}
	}
}

func TestApplyBringsTheNewState(t *testing.T) {
	w := newWorld(t)
	id, err := w.apply(t.Context(), plan.Warn)
	require.NoError(t, err)
	vars, files := desire(plan.Warn)
	now := w.registry()
	for key, value := range vars {
		if value == nil {
			assert.NotContains(t, now, key)
		} else {
			assert.Equal(t, *value, now[key])
		}
	}
	assert.Equal(t, files[table], string(w.read(table)))
	assert.Equal(t, files[ledger], string(w.read(ledger)))
	assert.NotEmpty(t, w.read(loginMap))
	assert.Equal(t, string(w.rendering(now, transaction.MainCF, true)), string(w.read(transaction.MainCF)))
	assert.Equal(t, string(w.loaded), string(w.read(transaction.MasterCF)))
	assert.Equal(t, transaction.Applied, w.machine().Store.State(id))
	assert.Empty(t, w.unservable)
}

// The first commit is that of the LDAP map. ucr set renders main.cf and master.cf itself, so they are committed only where
// they are not what the dry run has shown.
func TestApplyRunsEachProgramAsSeldomAsItCan(t *testing.T) {
	for sentence, c := range map[string]struct {
		before []plan.Mode
		to     plan.Mode
		want   []string
	}{
		"to warn": {nil, plan.Warn, []string{
			"postmap", "postmap", "ucr commit", "ucr set", "postfix check", "postfix status", "postfix reload", "postconf", "greeting",
		}},
		"to enforce, where one variable goes": {[]plan.Mode{plan.Warn}, plan.Enforce, []string{
			"postmap", "postmap", "ucr set", "ucr unset", "ucr commit", "postfix check", "postfix status", "postfix reload", "postconf", "greeting",
		}},
		"to off, where lists go that overrides name": {[]plan.Mode{plan.Warn}, plan.Off, []string{
			"ucr set", "ucr unset", "postfix status", "postfix reload",
			"ucr unset", "ucr commit", "postfix check", "postfix status", "postfix reload", "postconf", "greeting",
		}},
	} {
		t.Run(sentence, func(t *testing.T) {
			w := newWorld(t)
			w.mustApply(c.before...)
			_, err := w.apply(t.Context(), c.to)
			require.NoError(t, err)
			assert.Equal(t, c.want, w.calls)
		})
	}
}

func TestApplyLeavesAStoppedPostfixStopped(t *testing.T) {
	w := newWorld(t)
	w.stopped = true
	_, err := w.apply(t.Context(), plan.Enforce)
	require.NoError(t, err)
	assert.NotContains(t, w.calls, "postfix reload")
	assert.NotContains(t, w.calls, "greeting")
}

func TestTheBackupIsForPeopleToo(t *testing.T) {
	w := newWorld(t)
	master := w.read(transaction.MasterCF)
	id := w.mustApply(plan.Warn)
	dir := "/var/lib/ucs-harden/history/" + id + "/"
	assert.Equal(t, string(master), string(w.read(dir+"master.cf.backup")))
	assert.Equal(t, "mail/postfix/smtpd/restrictions/recipient/10: permit_mynetworks\n", string(w.read(dir+"smtpd_restrictions.backup")))
	require.NoError(t, filepath.WalkDir(w.path(dir), func(path string, d os.DirEntry, err error) error {
		require.NoError(t, err)
		info, err := d.Info()
		require.NoError(t, err)
		assert.Zero(t, info.Mode().Perm()&0o077, "%s is not private", path)
		return nil
	}))
}

// What cannot be backed up is not touched. A file where a folder should be
// stands for every reason that a store cannot be written; see tests/faults for
// the full disk.
func TestApplyRefusesWhatItCouldNotTakeBack(t *testing.T) {
	for sentence, obstruct := range map[string]func(t *testing.T, w *world){
		"no history can be made": func(_ *testing.T, w *world) { w.write("/var/lib/ucs-harden/history", []byte("x"), 0o600) },
		"no journal can be written": func(t *testing.T, w *world) {
			require.NoError(t, os.Mkdir(w.path("/var/lib/ucs-harden/journal.json"), 0o700))
		},
		"the table is a symbolic link":          func(t *testing.T, w *world) { link(t, w, table) },
		"the compiled table is a symbolic link": func(t *testing.T, w *world) { link(t, w, table+".db") },
		"the map is a symbolic link":            func(t *testing.T, w *world) { link(t, w, loginMap) },
		"the table is a folder":                 func(t *testing.T, w *world) { require.NoError(t, os.Mkdir(w.path(table+".db"), 0o700)) },
	} {
		t.Run(sentence, func(t *testing.T) {
			w := newWorld(t)
			p := w.plan(plan.Warn)
			obstruct(t, w)
			before := w.tree()
			_, err := w.machine().Apply(t.Context(), p, transaction.Options{})
			require.True(t, outcome.IsUnchanged(err), "%v", err)
			assert.Equal(t, before, w.tree())
			assert.Empty(t, w.calls)
			entries, _ := os.ReadDir(w.path("/var/lib/ucs-harden/history"))
			assert.Empty(t, entries, "a backup of nothing stays behind")
		})
	}
}

func link(t *testing.T, w *world, path string) {
	t.Helper()
	w.write("/etc/passwd", []byte("root"), 0o644)
	require.NoError(t, os.Symlink(w.path("/etc/passwd"), w.path(path)))
}

func TestASymbolicLinkThatComesMeanwhileIsNotFollowed(t *testing.T) {
	w := newWorld(t)
	before := w.tree()
	m := w.machine()
	m.After = func(step string) {
		if step == transaction.StepSet {
			require.NoError(t, os.Remove(w.path(transaction.MainCF)))
			link(t, w, transaction.MainCF)
		}
	}
	_, err := m.Apply(t.Context(), w.plan(plan.Warn), transaction.Options{})
	require.ErrorIs(t, err, transaction.ErrIncomplete)
	assert.Equal(t, "root", string(w.read("/etc/passwd")))
	require.NoError(t, os.Remove(w.path(transaction.MainCF)))
	_, err = w.machine().Recover(t.Context())
	require.NoError(t, err)
	require.NoError(t, os.Remove(w.path("/etc/passwd")))
	assert.Equal(t, before, w.tree())
}

func TestABackupThatDisappearsLeavesTheJournal(t *testing.T) {
	w := newWorld(t)
	m := w.machine()
	m.After = func(step string) {
		if step == transaction.StepRemove {
			require.NoError(t, os.RemoveAll(w.path("/var/lib/ucs-harden/history")))
		}
	}
	id, err := m.Apply(t.Context(), w.plan(plan.Warn), transaction.Options{})
	require.ErrorIs(t, err, transaction.ErrIncomplete)
	j, err := w.machine().Store.Journal()
	require.NoError(t, err)
	assert.Equal(t, id, j.ID)
	_, err = w.machine().Recover(t.Context())
	assert.ErrorIs(t, err, transaction.ErrIncomplete)
}

func TestProgressNamesEveryStepOnceAndInOrder(t *testing.T) {
	w := newWorld(t)
	m := w.machine()
	var began, done []string
	m.Progress = func(step string) { began = append(began, step) }
	m.After = func(step string) { done = append(done, step) }
	_, err := m.Apply(context.Background(), w.plan(plan.Warn), transaction.Options{})
	require.NoError(t, err)
	steps := transaction.Steps()
	assert.Equal(t, steps, done)
	assert.Equal(t, slices.DeleteFunc(steps, func(s string) bool { return s == transaction.StepJournal || s == transaction.StepFinish }), began)
}
