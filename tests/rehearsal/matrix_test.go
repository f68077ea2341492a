package rehearsal_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
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
			result := s.harden(t, 0, "apply", "--yes", "--mode", today, "--no-rehearsal")
			assert.Equal(t, "warning: not rehearsed (--no-rehearsal): the effect of this plan on mail is untested\n", result.Stderr)
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
		assert.Contains(t, brief, "messages on port 25: a stranger may not write as company.my\n      such as a stranger (203.0.113.77) on port 25: from boss@company.my to\n        employee@company.my\n      today 250 2.0.0, plan 554 5.7.1\n")
		for line := range strings.Lines(brief) {
			assert.LessOrEqual(t, len(line), 81, line)
		}
		for line := range strings.Lines(all) {
			assert.LessOrEqual(t, len(line), 161, line)
		}
		assert.Contains(t, all, "\na stranger (203.0.113.77), port 587, logged in as boss:\n  FROM ")
		assert.Contains(t, all, "as today\n")
		// As many rows as letters; headings, notes and the summary are no rows.
		letters, _, _ := strings.Cut(all, "\nnote: ")
		rows := strings.Count(letters, "\n  ") - strings.Count(letters, "\n  FROM ")
		assert.Contains(t, all, fmt.Sprintf("\n%d test messages: ", rows))
	})
	t.Run("the shape of the JSON form", func(t *testing.T) {
		var whole map[string]any
		text := s.harden(t, 2, "rehearse", "--json", "--mode", "enforce").Stdout
		require.NoError(t, json.Unmarshal([]byte(text), &whole))
		var shape []string
		shapeOf("", whole, func(line string) {
			if !slices.Contains(shape, line) {
				shape = append(shape, line)
			}
		})
		slices.Sort(shape)
		assert.Equal(t, strings.Fields(jsonShape), shape)
	})
}

// jsonShape is every field and its type when the plan is right. The elements of an array are taken together. A field
// that is removed or renamed needs a new schema.
const jsonShape = `
.cells[].dialogue.client:string
.cells[].dialogue.client_name:string
.cells[].dialogue.helo:string
.cells[].dialogue.login:string
.cells[].dialogue.port:number
.cells[].dialogue.recipient:string
.cells[].dialogue.sender:string
.cells[].outcome.reason:string
.cells[].outcome.want:string
.cells[].outcome.wrong:bool
.cells[].plan.letter.client:string
.cells[].plan.letter.login:string
.cells[].plan.letter.owner:string
.cells[].plan.letter.port:number
.cells[].plan.letter.recipient:string
.cells[].plan.letter.recipient_is:string
.cells[].plan.letter.relay_refused:bool
.cells[].plan.letter.sender:string
.cells[].plan.letter.sender_is:string
.cells[].plan.letter.suspended:bool
.cells[].plan.reply.at:string
.cells[].plan.reply.code:number
.cells[].plan.reply.enhanced:string
.cells[].plan.reply.log[]:string
.cells[].plan.reply.not_asked[]:string
.cells[].plan.reply.text:string
.cells[].plan.ruling.code:number
.cells[].plan.ruling.control:string
.cells[].plan.ruling.effect:string
.cells[].plan.ruling.name:string
.cells[].plan.ruling.reason:string
.cells[].plan.ruling.unlogged:bool
.cells[].today.letter.client:string
.cells[].today.letter.login:string
.cells[].today.letter.owner:string
.cells[].today.letter.port:number
.cells[].today.letter.recipient:string
.cells[].today.letter.recipient_is:string
.cells[].today.letter.relay_refused:bool
.cells[].today.letter.sender:string
.cells[].today.letter.sender_is:string
.cells[].today.letter.suspended:bool
.cells[].today.reply.at:string
.cells[].today.reply.code:number
.cells[].today.reply.enhanced:string
.cells[].today.reply.log[]:string
.cells[].today.reply.not_asked[]:string
.cells[].today.reply.text:string
.cells[].today.ruling.control:string
.cells[].today.ruling.effect:string
.cells[].today.ruling.name:string
.cells[].today.ruling.reason:string
.cells[].today.ruling.warned:bool
.cells[].today.ruling.warning:string
.cells[].words.access:string
.cells[].words.client:string
.cells[].words.recipient:string
.cells[].words.sender:string
.counts.cells:number
.counts.differences:number
.counts.explained:number
.counts.unlogged:number
.counts.wrong:number
.modes.plan.foreign-sender:string
.modes.plan.local-only:string
.modes.plan.protected:string
.modes.plan.relay:string
.modes.plan.sender-spoofing:string
.modes.plan.submission:string
.modes.plan.suspended:string
.modes.today.foreign-sender:string
.modes.today.local-only:string
.modes.today.protected:string
.modes.today.relay:string
.modes.today.sender-spoofing:string
.modes.today.submission:string
.modes.today.suspended:string
.notes[]:string
.schema:number
`

func shapeOf(path string, value any, found func(string)) {
	switch v := value.(type) {
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(v)) {
			shapeOf(path+"."+key, v[key], found)
		}
	case []any:
		for _, element := range v {
			shapeOf(path+"[]", element, found)
		}
	default:
		found(path + ":" + map[bool]string{true: "null"}[v == nil] + kindOf(v))
	}
}

func kindOf(value any) string {
	switch value.(type) {
	case string:
		return "string"
	case float64:
		return "number"
	case bool:
		return "bool"
	}
	return ""
}
