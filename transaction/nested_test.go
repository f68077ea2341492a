package transaction_test

import (
	"context"
	"os"
	"path"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	books "ucs-harden/ledger"
	"ucs-harden/plan"
	"ucs-harden/restrictions"
	"ucs-harden/transaction"
)

const (
	stopKey   = mainList + "00-stopped"
	stopTable = "/etc/postfix/ucs-harden/stopped"
	stopValue = "check_sender_access hash:" + stopTable
	stopClass = "ucs_harden_stopped"
)

// stopping leads from the world as it is to one in which an account is stopped, or is not any more. Nothing else changes.
func (w *world) stopping(on bool) *plan.Plan {
	now := w.registry()
	v, f := plan.Variable{Key: stopKey}, map[string]*string{stopTable: nil, classes: nil, ledger: nil}
	if value, set := now[stopKey]; set {
		v.Before = &value
	}
	there, err := restrictions.ParseClasses(w.read(classes))
	require.NoError(w.t, err)
	there = slices.DeleteFunc(there, func(c restrictions.Class) bool { return c.Name == stopClass })
	book, err := books.Parse(w.read(ledger))
	require.NoError(w.t, err)
	delete(book.Variables, stopKey)
	book.Files = slices.DeleteFunc(book.Files, func(name string) bool { return name == stopTable })
	set, unset := map[string]string{}, []string{stopKey}
	if on {
		there = append(there, restrictions.Class{Name: stopClass, Restrictions: []string{"reject"}})
		book.Variables[stopKey] = books.Entry{Wrote: stopValue}
		book.Files = append(book.Files, stopTable)
		text, value := "boss@company.my "+stopClass+"\n", stopValue
		v.After, f[stopTable] = &value, &text
		set, unset = map[string]string{stopKey: stopValue}, nil
	}
	text := func(content []byte) *string {
		if content == nil {
			return nil
		}
		s := string(content)
		return &s
	}
	f[classes], f[ledger] = text(there.Bytes()), text(book.Bytes())
	p := &plan.Plan{Schema: plan.Schema, Variables: []plan.Variable{v}}
	for name, kind := range map[string]plan.Kind{stopTable: plan.Table, classes: plan.Include, ledger: plan.Ledger} {
		file := plan.NewFile(name, kind, text(w.read(name)), f[name], "")
		if kind == plan.Table {
			file.Type = "hash"
		}
		if file.Action != plan.Keep {
			p.Files = append(p.Files, file)
		}
	}
	next := changed(now, set, unset)
	rendered := func(file string) plan.RenderedFile {
		return plan.RenderedFile{
			Path: file, Now: w.read(file),
			Current: w.rendering(now, file, false), Next: w.renderingWith(string(there.Bytes()), next, file, false),
		}
	}
	p.Rendered = &plan.Rendered{Main: rendered(transaction.MainCF), Master: rendered(transaction.MasterCF)}
	return p
}

func (w *world) stop(ctx context.Context, on bool) (string, error) {
	return w.machine().Apply(ctx, w.stopping(on), transaction.Options{Now: time.Now(), Registry: w.registry(), Urgent: true})
}

// mustBeStopped: the account is stopped, and whatever names something finds it.
func (w *world) mustBeStopped(t *testing.T, sentence string) {
	t.Helper()
	require.Equal(t, stopValue, w.registry()[stopKey], sentence)
	main := string(w.read(transaction.MainCF))
	require.Contains(t, main, stopValue, sentence)
	require.Contains(t, main, stopClass+" =", sentence)
	require.Contains(t, string(w.read(stopTable)), "boss@company.my", sentence)
	book, err := books.Parse(w.read(ledger))
	require.NoError(t, err)
	require.Contains(t, book.Variables, stopKey, sentence)
	require.Contains(t, book.Files, stopTable, sentence)
	require.Empty(t, w.unservable, sentence)
}

// Without the stop, the server must be as it was.
func (w *world) mustOtherwiseBe(t *testing.T, old map[string]string) {
	t.Helper()
	_, err := w.stop(t.Context(), false)
	require.NoError(t, err)
	now := w.meaning()
	assert.Equal(t, old, now)
}

func TestAnAccountIsStoppedWhileAnApplyWaits(t *testing.T) {
	for sentence, end := range map[string]func(t *testing.T, w *world, id string) plan.Mode{
		"it is confirmed": func(t *testing.T, w *world, id string) plan.Mode {
			_, err := w.machineAt(at(0)).Confirm()
			require.NoError(t, err)
			require.Equal(t, transaction.Applied, w.machine().Store.State(id))
			return plan.Enforce
		},
		"its deadline passes": func(t *testing.T, w *world, id string) plan.Mode {
			_, err := w.machineAt(at(within)).Recover(t.Context())
			require.NoError(t, err)
			require.Equal(t, transaction.Unconfirmed, w.machine().Store.State(id))
			return plan.Off
		},
		"it is taken back": func(t *testing.T, w *world, id string) plan.Mode {
			back, err := w.machineAt(at(0)).Rollback(t.Context(), "", false)
			require.NoError(t, err)
			require.Equal(t, id, back.ID)
			require.Len(t, back.Newer, 1)
			return plan.Off
		},
	} {
		t.Run(sentence, func(t *testing.T) {
			w, id, _ := waiting(t)
			enforce := w.meaning()
			urgent, err := w.stop(t.Context(), true)
			require.NoError(t, err)
			w.mustWait(t, id)
			w.mustBeStopped(t, "while the apply waits")
			require.Equal(t, transaction.Applied, w.machine().Store.State(urgent))

			mode := end(t, w, id)
			w.mustBeStopped(t, "after that")
			old := newWorld(t).meaning()
			if mode == plan.Enforce {
				old = enforce
				delete(old, journalFile)
				delete(old, ledger) // the ledger of these plans says nothing
			}
			w.mustOtherwiseBe(t, old)
		})
	}
}

func TestNoRollbackLiftsAStop(t *testing.T) {
	w := newWorld(t)
	old := w.meaning()
	first := w.mustApply(plan.Warn)
	urgent, err := w.stop(t.Context(), true)
	require.NoError(t, err)
	_, err = w.machine().Rollback(t.Context(), urgent, false)
	require.ErrorIs(t, err, transaction.ErrUrgent)
	w.mustApply(plan.Enforce)
	for range 2 { // the last change, then the first: the stop in between stays
		_, err = w.machine().Rollback(t.Context(), "", false)
		require.NoError(t, err)
		w.mustBeStopped(t, "after a rollback")
	}
	require.Equal(t, transaction.RolledBack, w.machine().Store.State(first))
	_, err = w.machine().Rollback(t.Context(), "", false)
	require.ErrorIs(t, err, transaction.ErrNothing)
	w.mustOtherwiseBe(t, old)
}

// A stop that a change has brought along stays, and one that it has removed comes back.
func TestARollbackLeavesAStopOfTheSameChange(t *testing.T) {
	w := newWorld(t)
	require.NoError(t, os.MkdirAll(w.path(path.Dir(classes)), 0o755))
	old := w.meaning()
	apply := func(on bool) {
		_, err := w.machine().Apply(t.Context(), w.stopping(on), transaction.Options{Now: time.Now(), Registry: w.registry()})
		require.NoError(t, err)
	}
	apply(true)
	_, err := w.machine().Rollback(t.Context(), "", false)
	require.NoError(t, err)
	w.mustBeStopped(t, "the change that brought it was rolled back")
	apply(false)
	require.Empty(t, w.registry()[stopKey])
	_, err = w.machine().Rollback(t.Context(), "", false)
	require.NoError(t, err)
	w.mustBeStopped(t, "the change that removed it was rolled back")
	w.mustOtherwiseBe(t, old)
}

func TestAStopThatIsKilledBesideAnApplyThatWaits(t *testing.T) {
	for _, step := range transaction.Steps() {
		t.Run(step, func(t *testing.T) {
			w, id, _ := waiting(t)
			enforce := w.meaning()
			m := w.dyingAfter(step)
			alive(func() {
				_, _ = m.Apply(t.Context(), w.stopping(true), transaction.Options{
					Now: time.Now(), Registry: w.registry(), Urgent: true,
				})
			})
			machine := w.machineAt(at(0))
			j, err := machine.Recover(t.Context())
			if err == nil { // the stop was taken back
				require.NotEqual(t, id, j.ID)
				_, err = machine.Recover(t.Context())
			}
			require.ErrorIs(t, err, transaction.ErrWaiting)
			w.mustWait(t, id)
			if step == transaction.StepFinish {
				w.mustBeStopped(t, step)
				return
			}
			assert.Equal(t, enforce, w.meaning())
		})
	}
}

func TestAStopThatFailsBesideAnApplyThatWaits(t *testing.T) {
	w, id, _ := waiting(t)
	enforce := w.meaning()
	twin := w.clone(t)
	_, err := twin.stop(t.Context(), true)
	require.NoError(t, err)
	for call := range len(twin.calls) {
		w.calls, w.fault = nil, fault{call: call + 1, kind: failAfter}
		_, err := w.stop(t.Context(), true)
		w.fault = fault{}
		if err == nil { // the call does not matter
			w.mustBeStopped(t, twin.calls[call])
			_, err = w.stop(t.Context(), false)
			require.NoError(t, err)
			continue
		}
		w.mustWait(t, id)
		assert.Equal(t, enforce, w.meaning(), twin.calls[call])
	}
}
