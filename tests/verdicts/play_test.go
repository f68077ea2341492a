package verdicts_test

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ucs-harden/tests/lab"
	"ucs-harden/tests/lab/smtpclient"
)

// played is what the server said about a cell: the reply that decides, and the lines of mail.log.
type played struct {
	reply smtpclient.Reply
	log   []string
}

// dialogue is the cell as a client plays it. The name in EHLO is a label of the connection, by which mail.log is read: with
// sender and recipient it names the cell. It has no dot, as most programs of users in an office say it.
func (tab *table) dialogue(phase string, c cell) smtpclient.Dialogue {
	port, err := strconv.Atoi(c[1])
	if err != nil {
		panic(err)
	}
	d := smtpclient.Dialogue{
		Server: lab.MailServer(tab.host(c)), Port: port, TLS: map[int]string{465: smtpclient.Implicit, 587: smtpclient.StartTLS}[port],
		Helo:     strings.Join([]string{phase, c[1], c[2], c[0]}, "-"),
		MailFrom: strings.Trim(tab.means["sender "+c[3]], "<>"), RcptTo: []string{tab.means["recipient "+c[4]]},
	}
	if typed := tab.means["login "+c[2]]; typed != "-" {
		uid, _, _ := strings.Cut(typed, "@")
		d.Login, d.Password = typed, lab.Users[uid].Password
	}
	return d
}

func (tab *table) host(c cell) string { return tab.means["client "+c[0]] }

// play plays all cells: the clients at the same time, each with one connection for a port and a login.
func (c company) play(t *testing.T, tab *table, phase string) map[cell]*played {
	t.Helper()
	begin := len(c.MailLog())
	results := map[cell]*played{}
	byClient := map[string][]cell{}
	for _, cell := range tab.cells() {
		results[cell] = &played{}
		byClient[cell[0]] = append(byClient[cell[0]], cell)
	}
	var clients sync.WaitGroup
	for _, cells := range byClient {
		clients.Go(func() {
			client, err := c.NewSMTP(tab.host(cells[0]))
			if !assert.NoError(t, err) {
				return
			}
			defer client.Close()
			for _, cell := range cells {
				answer, err := client.Play(context.WithoutCancel(t.Context()), tab.dialogue(phase, cell))
				if !assert.NoError(t, err, "%s: %s", phase, cell) {
					return
				}
				results[cell].reply = answer.Verdict(0)
			}
		})
	}
	clients.Wait()
	lines := c.logSince(t, begin)
	for cell, p := range results {
		d := tab.dialogue(phase, cell)
		p.log = lines[fmt.Sprintf("from=<%s> to=<%s> helo=<%s>", d.MailFrom, d.RcptTo[0], d.Helo)]
	}
	return results
}

var envelope = regexp.MustCompile(`; from=<(\S*)> to=<(\S*)> proto=\S+ helo=<(\S*)>`)

// logSince returns the lines about recipients by envelope and EHLO. A line of our own shows that all before it are written.
func (c company) logSince(t *testing.T, begin int) map[string][]string {
	t.Helper()
	mark := fmt.Sprintf("end of what began at %d", begin)
	result, err := c.Mail().Run(t.Context(), "logger", "--priority", "mail.info", mark)
	require.NoError(t, err)
	require.Zero(t, result.Code, result.Stderr)
	c.WaitFor(t, "the end of the log", func() bool { return strings.Contains(c.MailLog()[begin:], mark+"\n") })
	lines := map[string][]string{}
	for line := range strings.Lines(c.MailLog()[begin:]) {
		if m := envelope.FindStringSubmatch(line); m != nil {
			key := fmt.Sprintf("from=<%s> to=<%s> helo=<%s>", m[1], m[2], m[3])
			lines[key] = append(lines[key], strings.TrimSpace(line))
		}
	}
	return lines
}

// compare fails the test for each cell whose answer is not the table's, or about which mail.log does not say what the table says.
// phase names the column.
func (tab *table) compare(t *testing.T, phase string, results map[cell]*played) {
	t.Helper()
	wrong := 0
	for _, c := range tab.cells() {
		r, p := tab.row(c), results[c]
		column := slices.Index(phases, phase)
		name, logged := r.replies[column], r.logged[column]
		want := tab.replies[name]
		got, strange := tab.logged(p.log)
		if p.reply.Code == want.code && strings.Contains(p.reply.Text, want.text) && slices.Equal(got, logged) && strange == nil {
			continue
		}
		if wrong++; wrong > 20 {
			continue
		}
		t.Errorf("%s: %s\nexpected: %s (%d %s), in mail.log: %q\nbecause:  %s (line %d)\nreply:    %s\nmail.log: %q\n%s",
			phase, c, name, want.code, want.text, logged, r.why, r.line, p.reply, append(got, strange...), strings.Join(p.log, "\n"))
	}
	if wrong > 20 {
		t.Errorf("%s: %d more cells are wrong", phase, wrong-20)
	}
}

var warning = regexp.MustCompile(`: (warn|reject_warning): RCPT from `)

// logged returns the names of the warnings among the lines, sorted, each once, and the warnings that the table has no name for.
func (tab *table) logged(lines []string) (names, strange []string) {
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

// same fails the test for each cell that is not answered word for word as before.
func same(t *testing.T, tab *table, before, after map[cell]*played) {
	t.Helper()
	for _, c := range tab.cells() {
		assert.Equal(t, before[c].reply, after[c].reply, "rolled back: %s\n%s", c, strings.Join(after[c].log, "\n"))
	}
}
