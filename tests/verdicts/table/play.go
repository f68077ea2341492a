package table

import (
	"context"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"

	"ucs-harden/tests/lab"
	"ucs-harden/tests/lab/smtpclient"
)

// Played is the result of a cell: the replies that decide, one for each recipient, and the lines of mail.log.
type Played struct {
	Replies []smtpclient.Reply
	Log     []string
}

// Results are the results of all cells of a table.
type Results map[Cell]*Played

// Dialogue is the cell as a client plays it. The name in EHLO is a label by which the lines in mail.log are found; no
// other cell has the same name in this phase. The name has no dot, like the names of most mail programs in an office.
func (tab *Table) Dialogue(phase string, c Cell) smtpclient.Dialogue {
	port, err := strconv.Atoi(c[1])
	if err != nil {
		panic(err)
	}
	sender, declare, _ := strings.Cut(tab.means["sender "+c[3]], " ")
	d := smtpclient.Dialogue{
		Server: lab.MailServer(tab.Host(c)), Port: port, TLS: map[int]string{465: smtpclient.Implicit, 587: smtpclient.StartTLS}[port],
		Helo:     phase + "-" + strings.Join(c[:], "-"),
		MailFrom: strings.TrimSuffix(strings.TrimPrefix(sender, "<"), ">"), Declare: declare, RcptTo: tab.recipients(c),
	}
	if typed := tab.means["login "+c[2]]; typed != "-" {
		uid, _, _ := strings.Cut(strings.ToLower(typed), "@")
		d.Login, d.Password = typed, lab.Users[uid].Password
	}
	return d
}

// Host is the host that plays the cell.
func (tab *Table) Host(c Cell) string { return tab.means["client "+c[0]] }

func (tab *Table) recipients(c Cell) []string { return strings.Fields(tab.means["recipient "+c[4]]) }

// Play plays all cells. The clients play at the same time, each with one connection for a port and a login.
func (c Company) Play(t *testing.T, tab *Table, phase string) Results {
	t.Helper()
	begin := len(c.MailLog())
	results := Results{}
	byClient := map[string][]Cell{}
	for _, cell := range tab.Cells() {
		results[cell] = &Played{}
		byClient[cell[0]] = append(byClient[cell[0]], cell)
	}
	var clients sync.WaitGroup
	for _, cells := range byClient {
		clients.Go(func() {
			client, err := c.NewSMTP(tab.Host(cells[0]))
			if !assert.NoError(t, err) {
				return
			}
			defer client.Close()
			for _, cell := range cells {
				answer, err := client.Play(context.WithoutCancel(t.Context()), tab.Dialogue(phase, cell))
				if !assert.NoError(t, err, "%s: %s", phase, cell) {
					return
				}
				for i := range tab.recipients(cell) {
					results[cell].Replies = append(results[cell].Replies, answer.Verdict(i))
				}
			}
		})
	}
	clients.Wait()
	lines := c.LogSince(t, begin)
	for cell, p := range results {
		p.Log = lines[tab.Dialogue(phase, cell).Helo]
	}
	return results
}

// Compare fails the test for each cell whose replies or whose lines in mail.log differ from the table. phase names the
// column.
func (tab *Table) Compare(t *testing.T, phase string, results Results) {
	t.Helper()
	wrong := 0
	for _, c := range tab.Cells() {
		r, p := tab.Row(c), results[c]
		want, logged := r.replies[tab.column(phase)], r.logged[tab.column(phase)]
		got, strange := tab.logged(p.Log)
		if tab.says(want, p.Replies) && slices.Equal(got, logged) && strange == nil {
			continue
		}
		if wrong++; wrong > 20 {
			continue
		}
		t.Errorf("%s: %s\nexpected: %s, in mail.log: %q\nbecause:  %s (line %d)\nreplies:  %s\nmail.log: %q\n%s",
			phase, c, strings.Join(want, ","), logged, r.why, r.line, p.Replies, append(got, strange...), strings.Join(p.Log, "\n"))
	}
	if wrong > 20 {
		t.Errorf("%s: %d more cells are wrong", phase, wrong-20)
	}
}

// says reports whether the replies are those of a row. names has one reply for all recipients, or one for each.
func (tab *Table) says(names []string, got []smtpclient.Reply) bool {
	if len(got) == 0 || len(names) > 1 && len(names) != len(got) {
		return false
	}
	for i, reply := range got {
		want := tab.replies[names[min(i, len(names)-1)]]
		if reply.Code != want.code || !strings.Contains(reply.Text, want.text) {
			return false
		}
	}
	return true
}

var warning = regexp.MustCompile(`: (warn|reject_warning|info): RCPT from `)

// logged returns the names of the warnings among the lines, each once and sorted, and the warnings for which the table
// has no name.
func (tab *Table) logged(lines []string) (names, strange []string) {
	for _, line := range lines {
		m := warning.FindStringSubmatch(line)
		if m == nil {
			continue
		}
		known := false
		for name, l := range tab.logs {
			if l.kind == m[1] && strings.Contains(line, l.text) {
				names, known = append(names, name), true
			}
		}
		if !known {
			strange = append(strange, line)
		}
	}
	slices.Sort(names)
	return slices.Compact(names), strange
}

// Same fails the test for each cell whose replies differ in any word from those before.
func (tab *Table) Same(t *testing.T, phase string, before, after Results) {
	t.Helper()
	for _, c := range tab.Cells() {
		assert.Equal(t, before[c].Replies, after[c].Replies, "%s: %s\n%s", phase, c, strings.Join(after[c].Log, "\n"))
	}
}

// RefusesNothing fails the test for each recipient that was accepted before and is refused now.
func (tab *Table) RefusesNothing(t *testing.T, phase string, before, now Results) {
	t.Helper()
	for _, c := range tab.Cells() {
		for i, reply := range before[c].Replies {
			assert.True(t, !reply.OK() || now[c].Replies[i].OK(), "%s refuses what was accepted: %s: %s", phase, c, now[c].Replies)
		}
	}
}
