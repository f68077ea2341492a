package live_test

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ucs-harden/tests/lab"
	"ucs-harden/tests/lab/smtpclient"
)

// letter is one message that somebody tries to send.
type letter struct {
	host     string // mail is the server itself: loopback, which is in mynetworks
	port     int
	login    string
	from, to string
}

const (
	inside   = "employee@company.my"
	outside  = "somebody@foreign.example"
	stranger = "stranger@elsewhere.example"
)

func bySender(from, to string) letter { return letter{"mail", 25, "", from, to} }

// byLogin has the empty sender, which everybody may use, so that a refusal is due to the login.
func byLogin(port int, login, to string) letter { return letter{"inside", port, login, "", to} }

func fromOutside(from, to string) letter { return letter{"outside", 25, "", from, to} }

func (l letter) String() string {
	return fmt.Sprintf("%s:%d %s<%s> → %s", l.host, l.port, cmp.Or(l.login+" ", ""), l.from, l.to)
}

func (l letter) dialogue() smtpclient.Dialogue {
	d := smtpclient.Dialogue{
		Server: lab.MailServer(l.host), Port: l.port, TLS: map[int]string{465: smtpclient.Implicit, 587: smtpclient.StartTLS}[l.port],
		MailFrom: l.from, RcptTo: []string{l.to},
	}
	if l.login != "" {
		uid, _, _ := strings.Cut(l.login, "@")
		d.Login, d.Password = l.login, lab.Users[uid].Password
	}
	return d
}

// post plays letters, one connection for each host, port and login.
type post struct {
	c       company
	clients map[string]*smtpclient.Client
}

// newPost returns a post without connections.
func (c company) newPost(t *testing.T) *post {
	p := &post{c, map[string]*smtpclient.Client{}}
	for _, host := range []string{"mail", "inside", "outside"} {
		p.clients[host] = c.SMTP(t, host)
	}
	return p
}

func (p *post) close() {
	for _, client := range p.clients {
		client.Close()
	}
}

// send tries again when the connection breaks. An smtpd ends after it could not begin TLS with the directory 13 times
// (dict_ldap(3) reports this by msg_error(3)); this happens with the maps of UCS as well as with ours.
func (p *post) send(t *testing.T, l letter) smtpclient.Reply {
	t.Helper()
	var answer smtpclient.Answer
	var err error
	for range 2 {
		if answer, err = p.clients[l.host].Play(context.WithoutCancel(t.Context()), l.dialogue()); err == nil {
			break
		}
	}
	require.NoError(t, err, l)
	return answer.Verdict(0)
}

// The verdicts: the beginning of the reply, and words in it.
const (
	accepted  = "250 "
	suspended = "554 5.7.1|#ucs-harden:suspended"
	onLeave   = "554 5.7.1|This account may not send mail: on leave #ucs-harden:suspended"
	localOnly = "554 5.7.1|#ucs-harden:local-only"
	spoofed   = "554 5.7.1|#ucs-harden:sender-spoofing"
	noRelay   = "454 4.7.1|Relay access denied"
	later     = "451 "
)

func is(r smtpclient.Reply, verdict string) bool {
	begin, words, _ := strings.Cut(verdict, "|")
	return strings.HasPrefix(r.String(), begin) && strings.Contains(r.Text, words)
}

// verdicts are the expected verdicts of letters.
type verdicts map[letter]string

func (v verdicts) letters() []letter {
	return slices.SortedFunc(maps.Keys(v), func(a, b letter) int { return cmp.Compare(a.String(), b.String()) })
}

// with returns a copy of the verdicts in which those of other replace some.
func (v verdicts) with(other verdicts) verdicts {
	out := maps.Clone(v)
	maps.Copy(out, other)
	return out
}

// check plays the letters on new connections and closes them.
func (c company) check(t *testing.T, v verdicts, when string) {
	t.Helper()
	p := c.newPost(t)
	defer p.close()
	v.check(t, p, when)
}

// check plays the letters and compares the replies.
func (v verdicts) check(t *testing.T, p *post, when string) {
	t.Helper()
	for _, l := range v.letters() {
		if r := p.send(t, l); !is(r, v[l]) {
			assert.Fail(t, "another verdict", "%s: %s\n  got  %s\n  want %s", when, l, r, v[l])
		}
	}
	require.False(t, t.Failed())
}

// hardened are the verdicts of the company with suspended and local-only in enforce: leaver is marked, full is in the
// group suspended, clerk and intern are in the group restricted.
var hardened = verdicts{
	bySender("boss@company.my", outside):      accepted,
	bySender("boss@company.my", inside):       accepted,
	bySender("leaver@company.my", outside):    suspended,
	bySender("l.eaver@company.my", inside):    suspended,
	bySender("full@company.my", outside):      suspended,
	bySender("clerk@company.local", outside):  localOnly,
	bySender("clerk@company.local", inside):   accepted,
	bySender("in.tern@company.my", outside):   localOnly,
	bySender("nobody@company.my", outside):    accepted,
	bySender(stranger, outside):               accepted,
	bySender("", inside):                      accepted,
	byLogin(587, "boss", outside):             accepted,
	byLogin(587, "leaver", inside):            suspended,
	byLogin(465, "leaver@company.my", inside): suspended,
	byLogin(465, "full", outside):             suspended,
	byLogin(587, "clerk", outside):            localOnly,
	byLogin(465, "intern", outside):           localOnly,
	byLogin(465, "intern", inside):            accepted,
	fromOutside(stranger, inside):             accepted,
	fromOutside("", inside):                   accepted,
	fromOutside(stranger, outside):            noRelay,
	fromOutside("boss@company.my", inside):    spoofed,
	fromOutside("leaver@company.my", inside):  suspended,
}

// untouched are the verdicts of the same company without any control: all mail of clients that may relay is accepted.
func untouched() verdicts {
	v := maps.Clone(hardened)
	for l, verdict := range v {
		if verdict != noRelay {
			v[l] = accepted
		}
	}
	return v
}
