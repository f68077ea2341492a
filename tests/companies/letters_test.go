package companies_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"ucs-harden/tests/lab/smtpclient"
)

// letter is one message: who sends it from where.
type letter struct {
	from     client
	port     int    // 0 is the port for mail from other servers
	uid      string // whose login; "" is none
	login    string // as it is typed: the uid or the primary address
	helo     string
	sender   string // "" is the null sender
	declare  string // parameters of MAIL
	receiver string
}

// client is a host of the lab with the address at which it reaches the mail server, and the address that the mail server
// then sees.
type client struct{ host, server, seen string }

func (l letter) String() string {
	return fmt.Sprintf("%s to port %d, login %q, helo %s: <%s> to <%s>", l.from.seen, l.port, l.login, l.helo, l.sender, l.receiver)
}

func (c company) clients() []client {
	all := []client{
		{"outside", "203.0.113.1", "203.0.113.66"},
		{"mx", "203.0.113.1", "203.0.113.25"},
		{"inside", "10.99.1.1", "10.99.1.50"},
		{"dc2", "10.99.1.1", "10.99.1.10"},
		{"mail", "127.0.0.1", "127.0.0.1"},
		{"mail", "203.0.113.1", "203.0.113.1"},
	}
	if c.ipv6 {
		all = append(all, client{"mail", "::1", "::1"}, client{"dc2", "fd99:1::1", "fd99:1::10"})
	}
	return all
}

// letters draws messages. It takes each client, port, login and sender at least once, and most of the rest from the
// accounts, since these decide about owners.
func (c company) letters(n int) []letter {
	r := rand.New(rand.NewPCG(c.seed, 0x6c6574))
	var senders, receivers []string
	for _, u := range c.users {
		senders = append(senders, u.addresses()...)
	}
	for _, g := range c.groups {
		senders = append(senders, g.address)
	}
	senders = append(senders, "nobody@company.my", "x@help.company.my", "ticket@company.my", "ticket@company.local", "root@localhost",
		"boss@[203.0.113.1]", "news@foreign.example", "spam@foreign.example", "a@partner.example", "")
	receivers = append(receivers, "employee@company.my", "clerk@company.local", "staff@company.my", "office@company.my", "boss@company.my",
		"info@company.my", "nobody@company.my", "you@foreign.example", "you@foreign.example", "postmaster")
	ports := []int{0, 0, 465, 587, 587}
	for port := range c.further {
		ports = append(ports, port)
	}
	slices.Sort(ports)
	seen := map[letter]bool{}
	var out []letter
	for len(out) < n {
		l := letter{
			from: one(r, c.clients()...), port: one(r, ports...), helo: one(r, "office", "office", "mail.foreign.example", "bad.example"),
			sender: one(r, senders...), receiver: one(r, receivers...),
		}
		if (l.port == 465 || l.port == 587 || l.port == 10587) && r.IntN(4) > 0 {
			u := one(r, c.users...)
			l.uid, l.login = u.uid, one(r, u.uid, u.primary)
			if r.IntN(2) == 0 {
				l.sender = one(r, u.addresses()...)
			}
			for _, right := range c.rights {
				if right.uid == u.uid && r.IntN(2) == 0 {
					l.sender = strings.TrimPrefix(one(r, right.as...), "@")
					if !strings.Contains(l.sender, "@") {
						l.sender = one(r, "any", "employee") + "@" + l.sender
					}
				}
			}
		}
		if !seen[l] {
			seen[l] = true
			out = append(out, l)
		}
	}
	return out
}

// verdict is how the server answered a letter: the first refusal, else the reply after the final dot.
type verdict struct {
	smtpclient.Reply
	accepted bool
}

// play puts every letter to the live server, through to the reply after the final dot. One host after the other sends,
// and hangs up at the end: each smtpd(8) keeps a connection to Dovecot's quota service, which takes a hundred.
func (s *site) play(t *testing.T, letters []letter) []verdict {
	t.Helper()
	out := make([]verdict, len(letters))
	byHost := map[string][]int{}
	for i, l := range letters {
		byHost[l.from.host] = append(byHost[l.from.host], i)
	}
	for host, of := range byHost {
		client := s.SMTP(t, host)
		for _, i := range of {
			out[i] = s.send(t, client, letters[i])
		}
		client.Close()
	}
	return out
}

func (s *site) send(t *testing.T, client *smtpclient.Client, l letter) verdict {
	t.Helper()
	port := s.mailPort(l.port)
	d := smtpclient.Dialogue{
		Server: l.from.server, Port: port,
		TLS:  map[int]string{465: smtpclient.Implicit, 587: smtpclient.StartTLS, 10587: smtpclient.StartTLS}[port],
		Helo: l.helo, MailFrom: l.sender, Declare: l.declare, RcptTo: []string{l.receiver},
		Data: "Subject: letter\n\nof company\n",
	}
	if l.login != "" {
		d.Login, d.Password = l.login, "lab-"+l.uid
	}
	answer, err := client.Play(context.WithoutCancel(t.Context()), d)
	require.NoError(t, err, "%s\n%s", l, s.company)
	decides := answer.Verdict(0)
	if decides.OK() {
		decides = answer.Data
	}
	return verdict{decides, decides.OK()}
}

func (l letter) address() netip.Addr { return netip.MustParseAddr(l.from.seen) }
