package transaction_test

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"ucs-harden/outcome"
	"ucs-harden/plan"
	"ucs-harden/transaction"
)

const (
	networks = "mail/postfix/mynetworks"
	domains  = "mail/hosteddomains"
)

// write is what someone else writes with ucr during a change.
type write struct {
	key   string
	value *string
}

func (s write) String() string {
	if s.value == nil {
		return "unset " + s.key
	}
	return "set " + s.key
}

// by lets someone else write at one moment: at the begin of a call, which is after the transaction has looked at the
// registry, or after its effect, which is before the transaction looks again.
func (w *world) by(call int, late bool, s write) (happened *bool) {
	happened = new(bool)
	w.meddle = func(n int, ended bool) {
		if n != call || ended != late || *happened {
			return
		}
		*happened = true
		if s.value == nil {
			w.unsetByHand(s.key)
		} else {
			w.setByHand(s.key, *s.value)
		}
	}
	return happened
}

// with is the tree as it is when someone else has written as well.
func with(t *testing.T, w *world, s write) map[string]string {
	t.Helper()
	twin := w.clone(t)
	if s.value == nil {
		twin.unsetByHand(s.key)
	} else {
		twin.setByHand(s.key, *s.value)
	}
	return twin.meaning()
}

var theirs, permit, noTLS = "198.51.100.0/24", "permit_sasl_authenticated", "may"

// writes are of a variable that the change writes, of one that it unsets or sets anew, and of one that does not concern it.
var (
	sameWrites = []write{
		{networks, &theirs}, {networks, nil}, {submissionList + "20", &permit}, {options + "submission/smtpd_tls_security_level", &noTLS},
	}
	besideWrite = write{domains, &theirs}
)

// TestNoWriteOfSomeoneElseIsLost lets someone else write at each moment of an apply. A variable of the change keeps his
// value, and the error names it. A variable that does not concern the change never matters.
func TestNoWriteOfSomeoneElseIsLost(t *testing.T) {
	for sentence, j := range journeys {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			start := newWorld(t)
			start.mustApply(j.before...)
			e := start.ends(t, j.to)
			for n, name := range e.calls {
				for _, late := range []bool{false, true} {
					for _, s := range sameWrites {
						t.Run(fmt.Sprintf("%s at call %d, %s, after its effect: %t", s, n+1, name, late), func(t *testing.T) {
							w := start.clone(t)
							happened := w.by(n+1, late, s)
							_, err := w.apply(t.Context(), j.to)
							if !*happened { // overrides may have been in order by chance: a call less
								return
							}
							w.judgeOthers(t, err, s, with(t, start, s), len(j.before))
						})
					}
					t.Run(fmt.Sprintf("%s at call %d, %s, after its effect: %t", besideWrite, n+1, name, late), func(t *testing.T) {
						w := start.clone(t)
						w.by(n+1, late, besideWrite)
						_, err := w.apply(t.Context(), j.to)
						require.NoError(t, err)
						require.Equal(t, *besideWrite.value, w.registry()[domains])
						twin := start.clone(t)
						twin.mustApply(j.to)
						require.Equal(t, with(t, twin, besideWrite), w.meaning())
						require.Empty(t, w.unservable)
					})
				}
			}
		})
	}
}

// judgeOthers holds an apply against its promise. old is the meaning before the apply, with the write of someone else.
func (w *world) judgeOthers(t *testing.T, err error, s write, old map[string]string, changes int) {
	t.Helper()
	require.Empty(t, w.unservable)
	now, set := w.registry()[s.key]
	require.Equal(t, s.value != nil, set, "%v", err)
	if set {
		require.Equal(t, *s.value, now)
	}
	journal, jerr := w.machine().Store.Journal()
	require.NoError(t, jerr)
	require.Nil(t, journal)
	if err == nil {
		return // he wrote after the last look, or what the change wants anyway
	}
	require.ErrorIs(t, err, transaction.ErrConflict)
	require.ErrorContains(t, err, s.key)
	require.Equal(t, old, w.meaning())
	if outcome.IsUnchanged(err) {
		require.ErrorIs(t, err, transaction.ErrStale)
		require.Len(t, w.history(t), changes)
	} else {
		require.ErrorIs(t, err, transaction.ErrRolledBack)
	}
}

func (w *world) history(t *testing.T) []transaction.Record {
	t.Helper()
	all, err := w.machine().Store.List()
	require.NoError(t, err)
	return all
}

// TestARollbackKeepsWhatSomeoneElseWrites does the same with a rollback.
func TestARollbackKeepsWhatSomeoneElseWrites(t *testing.T) {
	for sentence, j := range journeys {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			start := newWorld(t)
			start.mustApply(j.before...)
			before := start.clone(t)
			start.mustApply(j.to)
			calm := start.clone(t)
			_, err := calm.machine().Rollback(t.Context(), "", false)
			require.NoError(t, err)
			for n, name := range calm.calls {
				for _, late := range []bool{false, true} {
					for _, s := range append([]write{besideWrite}, sameWrites...) {
						t.Run(fmt.Sprintf("%s at call %d, %s, after its effect: %t", s, n+1, name, late), func(t *testing.T) {
							w := start.clone(t)
							happened := w.by(n+1, late, s)
							back, err := w.machine().Rollback(t.Context(), "", false)
							if !*happened { // overrides may have been in order by chance: a call less
								return
							}
							now, set := w.registry()[s.key]
							require.Equal(t, s.value != nil, set, "%v", err)
							if set {
								require.Equal(t, *s.value, now)
							}
							require.Empty(t, w.unservable)
							if err != nil {
								require.ErrorIs(t, err, transaction.ErrConflict)
								require.True(t, outcome.IsUnchanged(err), "%v", err)
								require.NotEqual(t, besideWrite, s)
								return
							}
							require.Equal(t, with(t, before, s), w.meaning())
							_, kept := back.Kept.Others[s.key]
							concerns := slices.ContainsFunc(back.Variables, func(v plan.Variable) bool { return v.Key == s.key })
							if !kept && concerns {
								require.Equal(t, len(w.calls), n+1, "he wrote after the last look, or this is not named: %v", back.Kept)
							}
						})
					}
				}
			}
		})
	}
}

// A loop of changes of another variable, such as a bulk import of mail domains, never matters, whatever is being done.
func TestChangesBesideInALoop(t *testing.T) {
	for sentence, j := range journeys {
		t.Run(sentence, func(t *testing.T) {
			w := newWorld(t)
			w.mustApply(j.before...)
			before := w.registry()
			w.meddle = func(n int, ended bool) {
				w.setByHand(domains, fmt.Sprintf("company%d-%t.my", n, ended))
			}
			_, err := w.apply(t.Context(), j.to)
			require.NoError(t, err)
			_, err = w.machine().Rollback(t.Context(), "", false)
			require.NoError(t, err)
			after := w.registry()
			maps.DeleteFunc(after, func(key, _ string) bool { return key == domains })
			require.Equal(t, before, after)
			require.Empty(t, w.unservable)
		})
	}
}

// A crash after ucr has overwritten a value of someone else does not lose it either: the journal has it.
func TestACrashAfterAWriteOfSomeoneElseWasOverwritten(t *testing.T) {
	start := newWorld(t)
	e := start.ends(t, plan.Enforce)
	for n, name := range e.calls {
		if name != "ucr set" {
			continue
		}
		s := write{networks, &theirs}
		w := start.clone(t)
		w.by(n+1, false, s)
		w.fault = fault{call: n + 2, kind: crashAfter} // the first call of the way back
		require.False(t, alive(func() { _, _ = w.apply(t.Context(), plan.Enforce) }))
		w.meddle = nil
		recovered, err := w.machine().Recover(t.Context())
		require.NoError(t, err)
		require.Equal(t, theirs, w.registry()[networks])
		require.Contains(t, recovered.Kept.String(), networks)
		require.Equal(t, with(t, start, s), w.meaning())
	}
}
