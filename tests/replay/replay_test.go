// Package replay_test sends real mail through the lab in every mode and replays the log of it. What the replay foretells
// is compared with what mode enforce then answers to the same letters:
//
//   - The log of mode warn shows the port of every letter, so the replay is exact.
//   - The log of before shows the port of letters with a login only. The replay is exact about these, and about those
//     that every port would treat alike. It counts the rest.
package replay_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ucs-harden/evidence"
	"ucs-harden/tests/verdicts/table"
)

// clients are the addresses of the table's clients in the log.
var clients = map[string]string{
	"outside": "203.0.113.66", "inside": "10.99.1.50", "controller": "10.99.1.10", "loopback": "127.0.0.1",
}

// kind is what a group of the report tells of letters.
type kind struct {
	client, login, sender string
	port                  int
}

type foretold struct {
	refused                         map[kind]int64
	unchanged, refusedThen, unknown int64
}

func TestAReplayForetellsWhatEnforceRefuses(t *testing.T) {
	whole := table.Read(t, "../verdicts/testdata/verdicts.txt")
	tab := whole.Sample(3)
	c := table.NewCompany(t)

	begin := cut(t, c)
	before := send(t, c, tab, "before")
	ofBefore := c.MailLog()[begin:]
	early := replay(t, c, ofBefore)

	c.Harden(t, "apply --mode warn --yes")
	begin = cut(t, c)
	warn := send(t, c, tab, "warn")
	late := replay(t, c, c.MailLog()[begin:])

	c.Harden(t, "apply --mode enforce --yes --no-evidence")
	enforce := c.Play(t, whole, "enforce")

	t.Run("over the log of warn it is exact", func(t *testing.T) {
		want := foretold{refused: map[kind]int64{}}
		for _, cell := range tab.Cells() {
			switch {
			case !warn[cell]:
				want.unchanged++
				want.refusedThen++
			case enforce[cell].Replies[0].OK():
				want.unchanged++
			default:
				want.refused[kindOf(tab, cell)]++
			}
		}
		compare(t, want, late)
		assert.Zero(t, late.Replayed.CannotTell)
	})
	t.Run("over the log of before it is exact where the log shows the port", func(t *testing.T) {
		want := foretold{refused: map[kind]int64{}}
		for _, cell := range tab.Cells() {
			k := kindOf(tab, cell)
			switch refused := everywhere(cell, enforce); {
			case !before[cell]:
				want.unchanged++
				want.refusedThen++
			case cell[2] == "none" && len(refused) == 2:
				want.unknown++
			case !refused[true]:
				want.unchanged++
			default:
				if k.port = 587; cell[2] == "none" {
					k.port = 25
				}
				want.refused[k]++
			}
		}
		compare(t, want, early)
		assert.NotZero(t, early.Replayed.CannotTell, "most mail comes in without a login")
	})
	t.Run("a private Postfix was asked", func(t *testing.T) {
		assert.Greater(t, early.Replayed.Asked, 20)
		assert.Greater(t, late.Replayed.Asked, 20)
	})
}

// everywhere are the answers of enforce to a letter at every port through which it may have come: false is accepted, true
// is refused.
func everywhere(cell table.Cell, enforce table.Results) map[bool]bool {
	if cell[2] != "none" {
		return map[bool]bool{!enforce[cell].Replies[0].OK(): true}
	}
	answers := map[bool]bool{}
	for _, port := range []string{"25", "465", "587"} {
		other := cell
		other[1] = port
		answers[!enforce[other].Replies[0].OK()] = true
	}
	return answers
}

func kindOf(tab *table.Table, cell table.Cell) kind {
	d := tab.Dialogue("any", cell)
	return kind{clients[cell[0]], strings.ToLower(d.Login), d.MailFrom, d.Port}
}

func compare(t *testing.T, want foretold, got *evidence.Report) {
	t.Helper()
	refused := map[kind]int64{}
	for _, g := range got.Groups {
		assert.Zero(t, g.Others)
		for _, k := range g.Kinds {
			refused[kind{k.Client.String(), k.Login, k.Sender, k.Port}] += k.Count
		}
	}
	assert.Equal(t, lines(want.refused), lines(refused), "what would be refused")
	var all int64
	for _, n := range want.refused {
		all += n
	}
	assert.Equal(t, all, got.Replayed.Refused, "refused")
	assert.Zero(t, got.Replayed.RefusedToday)
	assert.Equal(t, want.unchanged, got.Replayed.Unchanged-got.Replayed.Local, "unchanged")
	assert.Equal(t, want.refusedThen, got.Replayed.RefusedThen, "refused then")
	assert.Equal(t, want.unknown, got.Replayed.CannotTell, "cannot tell: %v", got.CannotTell)
}

func lines(all map[kind]int64) []string {
	out := []string{}
	for k, n := range all {
		out = append(out, fmt.Sprintf("%s to %d, login %q, from <%s>: %d", k.client, k.port, k.login, k.sender, n))
	}
	slices.Sort(out)
	return out
}

// send sends every cell as a message, waits until all are delivered, and returns which were accepted.
func send(t *testing.T, c table.Company, tab *table.Table, phase string) map[table.Cell]bool {
	t.Helper()
	c.Settled(t)
	accepted := map[table.Cell]bool{}
	byClient := map[string][]table.Cell{}
	for _, cell := range tab.Cells() {
		byClient[cell[0]] = append(byClient[cell[0]], cell)
	}
	var mu sync.Mutex
	var all sync.WaitGroup
	for _, cells := range byClient {
		all.Go(func() {
			client, err := c.NewSMTP(tab.Host(cells[0]))
			if !assert.NoError(t, err) {
				return
			}
			defer client.Close()
			for i, cell := range cells {
				d := tab.Dialogue(phase, cell)
				d.Data = fmt.Sprintf("Message-Id: <%s.%d@%s.test.invalid>\r\nSubject: %s\r\n\r\nA letter.\r\n", phase, i, cell[0], phase)
				answer, err := client.Play(context.WithoutCancel(t.Context()), d)
				if !assert.NoError(t, err, "%s: %s", phase, cell) {
					return
				}
				mu.Lock()
				accepted[cell] = answer.Verdict(0).OK() && answer.Data.OK()
				mu.Unlock()
			}
		})
	}
	all.Wait()
	c.WaitFor(t, "an empty queue", func() bool { return strings.Contains(c.Must(t, "postqueue", "-p"), "Mail queue is empty") })
	c.LogSince(t, len(c.MailLog()))
	return accepted
}

// cut is the end of the log when all that was under way has ended, so that a part from there on has whole messages. It waits
// for the last line of every message: qmgr(8) logs "removed" after a message has left the queue.
func cut(t *testing.T, c table.Company) int {
	t.Helper()
	c.Settled(t)
	c.WaitFor(t, "the end of every message", func() bool {
		log := c.MailLog()
		return strings.Count(log, ": from=<") == strings.Count(log, ": removed")
	})
	c.LogSince(t, len(c.MailLog()))
	return len(c.MailLog())
}

// replay replays a part of the log against mode enforce.
func replay(t *testing.T, c table.Company, log string) *evidence.Report {
	t.Helper()
	require.NoError(t, c.Mail().WriteFile("/tmp/part.log", []byte(log), 0o600))
	result, err := c.Mail().Run(t.Context(), "ucs-harden", "replay", "--json", "/tmp/part.log")
	require.NoError(t, err)
	require.Equal(t, 2, result.Code, "%s%s", result.Stdout, result.Stderr)
	var r evidence.Report
	require.NoError(t, json.Unmarshal([]byte(result.Stdout), &r))
	return &r
}
