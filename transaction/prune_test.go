package transaction_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ucs-harden/plan"
	"ucs-harden/transaction"
)

// past writes changes into the history, one each hour, the last an hour ago.
func (w *world) past(t *testing.T, n int, state transaction.State, size int, urgent bool) {
	t.Helper()
	for i := range n {
		at := time.Now().UTC().Add(-time.Duration(n-i) * time.Hour)
		id := fmt.Sprintf("%s-%08x", at.Format("20060102T150405Z"), i)
		w.write(historyDir+id+"/manifest.json", fmt.Appendf(nil, `{"schema": 1, "id": %q, "time": %q, "urgent": %t}`, id, at.Format(time.RFC3339), urgent), 0o600)
		w.write(historyDir+id+"/"+string(state), nil, 0o600)
		w.write(historyDir+id+"/files/x", []byte(strings.Repeat("x", size)), 0o600)
	}
}

// count counts the changes by their state.
func (w *world) count(t *testing.T) map[transaction.State]int {
	t.Helper()
	out := map[transaction.State]int{}
	for _, r := range w.history(t) {
		out[r.State]++
	}
	return out
}

func TestWhatTheHistoryKeeps(t *testing.T) {
	for sentence, c := range map[string]struct {
		state   transaction.State
		n, size int
		ahead   time.Duration
		left    int
		urgent  bool
	}{
		"changes in effect stay, whatever their number, size and age": {transaction.Applied, 150, 1 << 20, 3 * 8760 * time.Hour, 151, false},
		"some that were rolled back stay":                             {transaction.RolledBack, 90, 10, 0, 90, false},
		"of many that were rolled back, the newest stay":              {transaction.RolledBack, 130, 10, 0, 100, false},
		"of big ones, the newest stay":                                {transaction.Undone, 10, 10 << 20, 0, 6, false},
		"stops in effect: no rollback needs them":                     {transaction.Applied, 130, 10, 0, 101, true},
		"after a year, none stays":                                    {transaction.Unconfirmed, 5, 10, 2 * 8760 * time.Hour, 0, false},
		"backups of changes that never began do not stay":             {"", 3, 10, 0, 0, false},
	} {
		t.Run(sentence, func(t *testing.T) {
			w := newWorld(t)
			if c.state == "" {
				w.past(t, c.n, "no-marker", c.size, false)
			} else {
				w.past(t, c.n, c.state, c.size, c.urgent)
			}
			m := w.machine()
			m.Clock = func() transaction.Moment { return transaction.Moment{Wall: time.Now().Add(c.ahead)} }
			_, err := m.Apply(t.Context(), w.plan(plan.Warn), transaction.Options{Now: time.Now(), Registry: w.registry()})
			require.NoError(t, err)
			assert.Equal(t, c.left, w.count(t)[c.state])
			left, err := filepath.Glob(w.path(historyDir + "*"))
			require.NoError(t, err)
			assert.Len(t, left, len(w.history(t)), "nothing else is left")
		})
	}
}

func TestWhoAndWhyAreInTheHistory(t *testing.T) {
	w := newWorld(t)
	m := w.machine()
	m.By = "anna"
	id, err := m.Apply(t.Context(), w.plan(plan.Warn), transaction.Options{Now: time.Now(), By: "anna"})
	require.NoError(t, err)
	m.By = "bert"
	_, err = m.Rollback(t.Context(), id, false)
	require.NoError(t, err)
	w.fault = fault{call: len(w.calls) + 4, kind: failBefore}
	undone, err := w.apply(t.Context(), plan.Warn)
	require.ErrorIs(t, err, transaction.ErrRolledBack)
	for _, r := range w.history(t) {
		switch r.ID {
		case id:
			assert.Equal(t, "anna", r.By)
			assert.Equal(t, "bert", r.EndedBy)
			assert.WithinDuration(t, time.Now(), r.Ended, time.Minute)
		case undone:
			assert.Equal(t, "step set: "+errInjected.Error(), r.Why)
		default:
			t.Error(errors.New("nothing else was done"), r.ID)
		}
	}
	require.NoError(t, os.RemoveAll(w.path(historyDir)))
}
