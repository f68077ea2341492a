package evidence_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"ucs-harden/evidence"
	"ucs-harden/tests/lab"
	"ucs-harden/tests/lab/smtpclient"
)

// scene is who writes as one of ours in mode warn, and what the report has to say of it.
type scene struct {
	what    string
	from    string   // a host or machine
	login   string   // on port 587; "" writes on port 25
	senders []string // in turn
	to      string
	perDay  int
	onDays  int // the number of days, the last ones; 0 is all

	group   string
	verdict evidence.Verdict
	// fix is how the first printed command begins; "" for a group with none.
	fix string
}

const to = "clerk@company.local"

var scenes = []scene{
	{
		what: "a printer mails what it scans", from: "printer", senders: []string{"scan@company.my"}, to: to, perDay: 3,
		group: "sender-spoofing:company.my:10.99.1.60", verdict: evidence.InsideDevice, fix: "ucs-harden allow",
	},
	{
		what: "a member server sends its reports itself", from: "files", senders: []string{"backup@company.my"}, to: to, perDay: 2,
		group: "sender-spoofing:company.my:10.99.1.40", verdict: evidence.OwnServer, fix: "udm computers/memberserver modify",
	},
	{
		what: "a second mail server that the directory lacks", from: "mail2", senders: []string{"web@company.my"}, to: to, perDay: 2,
		group: "sender-spoofing:company.my:10.99.1.25", verdict: evidence.OwnServer, fix: "ucs-harden allow",
	},
	{
		what: "the newsletter provider that SPF lists", from: "provider", senders: []string{"news@company.my"}, to: to, perDay: 2,
		group: "sender-spoofing:company.my:newsletter.example", verdict: evidence.Provider, fix: "ucs-harden allow",
	},
	{
		what: "boss writes as an alias that nobody has", from: "inside", login: "boss", senders: []string{"ceo@company.my"}, to: to, perDay: 2,
		group: "submission:company.my:boss", verdict: evidence.NotOwned, fix: "udm users/user modify",
	},
	{
		what: "employee writes as the group office, of which it is a member", from: "outside", login: "employee",
		senders: []string{"office@company.my"}, to: to, perDay: 2,
		group: "submission:company.my:employee", verdict: evidence.NotOwned, fix: "ucs-harden send-as add --group office",
	},
	{
		what: "intern writes as the address that boss and clerk share", from: "inside", login: "intern", senders: []string{"info@company.my"},
		to: to, perDay: 2,
		group: "submission:company.my:intern", verdict: evidence.NotOwned, fix: "udm users/user modify",
	},
	{
		what: "the ticket system writes as several addresses", from: "inside", login: "ticket",
		senders: []string{"support@company.my", "sales@company.my", "billing@company.my"}, to: to, perDay: 3,
		group: "submission:company.my:ticket", verdict: evidence.NotOwned, fix: "ucs-harden send-as add ticket",
	},
	{
		what: "a forger without a name", from: "forger", senders: []string{"boss@company.my", "ceo@company.my", "scan@company.my", "root@company.my"},
		to: to, perDay: 4,
		group: "sender-spoofing:company.my:198.51.100.0/24", verdict: evidence.Forged,
	},
	{
		what: "a forger with a name of his own, always as boss", from: "outside", senders: []string{"boss@company.my"}, to: to, perDay: 5,
		group: "sender-spoofing:company.my:foreign.example", verdict: evidence.Forged,
	},
}

// returning is the mail that the list brings back, see list_test.go.
var returning = scene{
	what: "a mailing list returns our mail", from: "lists", senders: []string{"employee@company.my"}, to: "boss@company.my", perDay: 2,
	group: "sender-spoofing:company.my:lists.example", verdict: evidence.Returning, fix: "ucs-harden allow",
}

// all are the scenes and what the list brings back.
func all() []scene { return append(append([]scene{}, scenes...), returning) }

// count is how many letters there are in all days.
func (s scene) count() int64 { return int64(s.perDay * s.on()) }

func (s scene) on() int {
	if s.onDays == 0 {
		return days
	}
	return s.onDays
}

// dialogue is the n-th letter.
func (s scene) dialogue(n int, name string) smtpclient.Dialogue {
	sender := s.senders[n%len(s.senders)]
	d := smtpclient.Dialogue{
		Server: lab.MailServer(s.from), Port: 25, MailFrom: sender, RcptTo: []string{s.to},
		Data: fmt.Sprintf("Message-ID: <%s.%d.%s@%s>\nFrom: <%s>\nSubject: %s\n\nHello.\n", name, n, s.login, s.from, sender, s.what),
	}
	if s.login != "" {
		d.Port, d.TLS, d.Login, d.Password = 587, smtpclient.StartTLS, s.login, "lab-"+s.login
	}
	return d
}

// accepted: nobody was refused.
func (c company) accepted(t *testing.T, replies map[string]smtpclient.Reply) {
	t.Helper()
	for what, reply := range replies {
		assert.Equal(t, 250, reply.Code, "%s: %s", what, reply)
	}
}

// play sends the letters of a day, and returns the last reply to each scene.
func (c company) play(t *testing.T, scenes []scene, name string) map[string]smtpclient.Reply {
	t.Helper()
	var mutex sync.Mutex
	replies := map[string]smtpclient.Reply{}
	byHost := map[string][]scene{}
	for _, s := range scenes {
		byHost[s.from] = append(byHost[s.from], s)
	}
	var hosts sync.WaitGroup
	for host, scenes := range byHost {
		hosts.Go(func() {
			client, err := c.NewSMTP(host)
			if !assert.NoError(t, err) {
				return
			}
			defer client.Close()
			for _, s := range scenes {
				for n := range s.perDay {
					answer, err := client.Play(context.WithoutCancel(t.Context()), s.dialogue(n, name))
					if !assert.NoError(t, err, s.what) {
						return
					}
					mutex.Lock()
					replies[s.what] = answer.Verdict(0)
					mutex.Unlock()
				}
			}
		})
	}
	hosts.Wait()
	return replies
}

// ordinary is mail that no control speaks of.
var ordinary = []scene{
	{what: "a stranger writes as himself", from: "outside", senders: []string{"me@foreign.example"}, to: "staff@company.my", perDay: 20},
	{what: "boss writes as boss", from: "outside", login: "boss", senders: []string{"boss@company.my"}, to: to, perDay: 20},
}

// watch plays all days in mode warn, and ordinary mail on the day after. Nobody is refused. The log then says that days
// have passed.
func (c company) watch(t *testing.T) {
	t.Helper()
	l := c.list(t)
	var log strings.Builder
	begin := 0
	pass := func(from, to time.Time) {
		text := c.logged(t)
		log.WriteString(spread(text[begin:], from, to))
		begin = len(text)
	}
	for n := range days {
		name := fmt.Sprintf("day%d", n)
		today := []scene{}
		for _, s := range scenes {
			if n >= days-s.on() {
				today = append(today, s)
			}
		}
		c.accepted(t, c.play(t, today, name))
		l.discuss(t, c, name, returning.perDay)
		pass(day(n), day(n+1))
	}
	c.accepted(t, c.play(t, ordinary, "ordinary"))
	pass(day(days), time.Now())
	c.rewrite(t, log.String())
}
