package maillog_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"ucs-harden/maillog"
)

// What local(8) forwards is the same letter, also where the line that says so comes when the copy is gone.
func TestAForwardedCopyIsNoLetter(t *testing.T) {
	const log = `2026-09-01T12:00:01.000000+00:00 mail postfix/smtpd[7]: AAAAAAAA1: client=mx.foreign.example[203.0.113.9]
2026-09-01T12:00:02.000000+00:00 mail postfix/cleanup[8]: AAAAAAAA1: message-id=<1@x.example>
2026-09-01T12:00:03.000000+00:00 mail postfix/qmgr[9]: AAAAAAAA1: from=<x@y.example>, size=1, nrcpt=1 (queue active)
2026-09-01T12:00:04.000000+00:00 mail postfix/cleanup[8]: AAAAAAAA2: message-id=<1@x.example>
2026-09-01T12:00:05.000000+00:00 mail postfix/qmgr[9]: AAAAAAAA2: from=<x@y.example>, size=1, nrcpt=1 (queue active)
2026-09-01T12:00:06.000000+00:00 mail postfix/lmtp[6]: AAAAAAAA2: to=<boss@company.my>, orig_to=<postmaster>, relay=x, status=sent (ok)
2026-09-01T12:00:07.000000+00:00 mail postfix/qmgr[9]: AAAAAAAA2: removed
2026-09-01T12:00:08.000000+00:00 mail postfix/local[5]: AAAAAAAA1: to=<postmaster>, relay=local, status=sent (forwarded as AAAAAAAA2)
2026-09-01T12:00:09.000000+00:00 mail postfix/qmgr[9]: AAAAAAAA1: removed
`
	all := letters(t, maillog.Options{Now: begin.AddDate(0, 0, 2)}, maillog.Source{Path: "-", Stream: strings.NewReader(log)})
	if assert.Len(t, all, 1) {
		assert.Equal(t, "AAAAAAAA1", all[0].QueueID)
	}
}

// A letter has returned if the first message with its ID came from inside: the one that began first, whichever ends first.
func TestWhichLettersHaveReturned(t *testing.T) {
	const inside, outside, trusted = "pc.company.my[10.99.1.7]", "mx.foreign.example[203.0.113.9]", "branch.company.my[198.51.100.7]"
	type message struct{ queue, client, id string }
	begins := func(m message) string {
		return fmt.Sprintf("postfix/smtpd[7]: %s: client=%s\npostfix/cleanup[8]: %s: message-id=<%s>\n", m.queue, m.client, m.queue, m.id)
	}
	ends := func(m message) string {
		return fmt.Sprintf("postfix/qmgr[9]: %s: from=<x@y.example>, size=1, nrcpt=1 (queue active)\n"+
			"postfix/lmtp[6]: %s: to=<boss@company.my>, relay=x, status=sent (ok)\npostfix/qmgr[9]: %s: removed\n", m.queue, m.queue, m.queue)
	}
	one := func(m message) string { return begins(m) + ends(m) }
	for sentence, c := range map[string]struct {
		log  string
		want []string // the queue IDs of those that have
	}{
		"a list sends ours back, and once more": {
			one(message{"AAAAAAAA1", inside, "1@company.my"}) + one(message{"AAAAAAAA2", outside, "1@company.my"}) +
				one(message{"AAAAAAAA3", outside, "1@company.my"}), []string{"AAAAAAAA2", "AAAAAAAA3"},
		},
		"ours is sent once more from inside: who reads the letters tells it from those that came back": {
			one(message{"AAAAAAAA1", inside, "1@company.my"}) + one(message{"AAAAAAAA2", inside, "1@company.my"}), []string{"AAAAAAAA2"},
		},
		"the ID of a stranger stays his, though a redirection sends it on": {
			one(message{"AAAAAAAA1", outside, "1@evil.example"}) + one(message{"AAAAAAAA2", inside, "1@evil.example"}) +
				one(message{"AAAAAAAA3", outside, "1@evil.example"}), nil,
		},
		"the one of a stranger began first, and ended later": {
			begins(message{"AAAAAAAA1", outside, "1@evil.example"}) + one(message{"AAAAAAAA2", inside, "1@evil.example"}) +
				ends(message{"AAAAAAAA1", outside, "1@evil.example"}) + one(message{"AAAAAAAA3", outside, "1@evil.example"}), nil,
		},
		"a client that is trusted is inside": {
			one(message{"AAAAAAAA1", trusted, "1@company.my"}) + one(message{"AAAAAAAA2", outside, "1@company.my"}), []string{"AAAAAAAA2"},
		},
		"no ID": {one(message{"AAAAAAAA1", inside, ""}) + one(message{"AAAAAAAA2", outside, ""}), nil},
	} {
		var log strings.Builder
		for i, line := range strings.SplitAfter(strings.TrimSuffix(c.log, "\n"), "\n") {
			fmt.Fprintf(&log, "2026-09-01T12:00:%02d.000000+00:00 mail %s", i, line)
		}
		o := maillog.Options{Now: begin.AddDate(0, 0, 2), Inside: func(l *maillog.Letter) bool {
			return l.Client.IsPrivate() || l.Client.String() == "198.51.100.7"
		}}
		var got []string
		for _, l := range letters(t, o, maillog.Source{Path: "-", Stream: strings.NewReader(log.String() + "\n")}) {
			if l.Returned {
				got = append(got, l.QueueID)
			}
		}
		assert.Equal(t, c.want, got, sentence)
	}
}
