package rehearsal_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// matrix is the part of the JSON form that the test looks at.
type matrix struct {
	Schema int
	Counts struct{ Cells, Differences, Wrong, Explained, Unlogged int }
	Notes  []string
	Cells  []json.RawMessage
}

// The matrix is right for every change of mode. On the way: a plan that is not rehearsed gets a warning, and the
// history remembers it.
func TestTheMatrixOfEveryChangeOfMode(t *testing.T) {
	s := newServer(t)
	modes := []string{"off", "warn", "enforce"}
	for _, today := range modes {
		if today != "off" {
			result := s.harden(t, 0, "apply", "--yes", "--no-evidence", "--mode", today, "--no-rehearsal")
			assert.Regexp(t, `^(warning: the evidence was not asked .*\n)?warning: not rehearsed \(--no-rehearsal\): the effect of this plan on mail is untested\n$`, result.Stderr)
			assert.NotContains(t, result.Stdout, "test messages")
		}
		for _, planned := range modes {
			t.Run(today+" to "+planned, func(t *testing.T) {
				code := 2
				if planned == today {
					code = 0
				}
				var m matrix
				require.NoError(t, json.Unmarshal([]byte(s.harden(t, code, "rehearse", "--json", "--mode", planned).Stdout), &m))
				assert.Equal(t, 2, m.Schema)
				assert.Equal(t, len(m.Cells), m.Counts.Cells)
				assert.GreaterOrEqual(t, m.Counts.Cells, 300)
				assert.Equal(t, planned == today, m.Counts.Differences == 0, "%d differences", m.Counts.Differences)
				assert.Zero(t, m.Counts.Wrong)
				assert.Zero(t, m.Counts.Explained)
				assert.Zero(t, m.Counts.Unlogged)
				assert.Equal(t, []string{"the policy service inet:127.0.0.1:12340 was not asked: its part in the verdicts is not rehearsed"}, m.Notes)
			})
		}
	}
	history := s.harden(t, 0, "history", "--full").Stdout
	assert.Equal(t, 2, strings.Count(history, "skipped"), history)
	s.harden(t, 0, "rollback")
	s.harden(t, 0, "rollback")
	s.harden(t, 0, "apply", "--yes", "--mode", "warn")
	assert.Regexp(t, `rehearsal: \d+ test messages: \d+ answered differently, none unexpectedly\.`, s.harden(t, 0, "history", "--full").Stdout)

	t.Run("all letters as a table", func(t *testing.T) {
		brief := s.harden(t, 2, "rehearse", "--mode", "enforce").Stdout
		all := s.harden(t, 2, "rehearse", "--mode", "enforce", "--all").Stdout
		assert.Less(t, strings.Count(brief, "\n"), 100)
		assert.Contains(t, brief, "  mail from outside with a sender in one of your domains (554 5.7.1)\n"+
			"        such as boss@company.my to employee@company.my, port 25, a stranger\n")
		for line := range strings.Lines(all) {
			assert.LessOrEqual(t, len(line), 161, line)
		}
		assert.Contains(t, all, "\na stranger (203.0.113.77), port 587, logged in as boss:\n  FROM ")
		assert.Contains(t, all, "as today\n")
		// As many rows as letters; headings are no rows.
		_, letters, _ := strings.Cut(all, "\na stranger (203.0.113.77), port 25:")
		letters, _, _ = strings.Cut(letters, "\nWho may send what")
		rows := strings.Count(letters, "\n  ") - strings.Count(letters, "\n  FROM ")
		assert.Contains(t, all, fmt.Sprintf("\n%d test messages: ", rows))
	})
}
