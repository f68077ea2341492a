package rehearsal_test

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ucs-harden/rehearsal"
	"ucs-harden/tests/lab"
	"ucs-harden/tests/lab/smtpclient"
)

// client is a host of the lab, as the server sees it: by address, and by the name that its DNS gives.
type client struct{ host, addr, name string }

var clients = []client{
	{"outside", "203.0.113.66", "out66.foreign.example"},
	{"inside", "10.99.1.50", "inside.company.my"},
	{"dc2", "10.99.1.10", "dc2.company.my"},
	{"mail", "127.0.0.1", "localhost"},
}

// cells are all combinations of who, where, from and to that can exist: AUTH is off on 25.
func cells() (all []rehearsal.Dialogue, hosts []string) {
	for _, c := range clients {
		for _, port := range rehearsal.Roles {
			logins := []string{"", "employee", "employee@company.my"}
			if port == 25 {
				logins = logins[:1]
			}
			for _, login := range logins {
				for _, sender := range []string{"employee@company.my", "boss@company.my", "x@help.company.my", "me@foreign.example", ""} {
					for _, recipient := range []string{"clerk@company.local", "nobody@company.my", "full@company.my", "you@foreign.example", "you@nowhere.example", "postmaster"} {
						all = append(all, rehearsal.Dialogue{
							Client: netip.MustParseAddr(c.addr), ClientName: c.name, Helo: "office", Port: port, Login: login, Sender: sender, Recipient: recipient,
						})
						hosts = append(hosts, c.host)
					}
				}
			}
		}
	}
	return all, hosts
}

// live plays the same with the real server, from the real hosts.
func (s server) live(t *testing.T, d rehearsal.Dialogue, c *smtpclient.Client, host string) smtpclient.Reply {
	t.Helper()
	uid, _, _ := strings.Cut(d.Login, "@")
	answer, err := c.Play(t.Context(), smtpclient.Dialogue{
		Server: lab.MailServer(host), Port: d.Port, TLS: map[int]string{465: smtpclient.Implicit, 587: smtpclient.StartTLS}[d.Port],
		Login: d.Login, Password: lab.Users[uid].Password, Helo: d.Helo, MailFrom: d.Sender, RcptTo: []string{d.Recipient},
	})
	require.NoError(t, err)
	return answer.Verdict(0)
}

// Every verdict of a private instance is the live one, word for word, on the server as it was installed and when it enforces.
func TestVerdictsAreTheLiveOnes(t *testing.T) {
	s := newServer(t)
	for _, mode := range []string{"", "warn", "enforce"} {
		t.Run("mode "+mode, func(t *testing.T) {
			if mode != "" {
				result, err := s.Mail().Run(t.Context(), "ucs-harden", "apply", "--yes", "--mode", mode)
				require.NoError(t, err)
				require.Zero(t, result.Code, result.Stderr)
				require.NoError(t, s.BackdatePostfix())
			}
			dialogues, hosts := cells()
			out := s.rehearse(t, s.config(t), dialogues...)
			require.Empty(t, out.Error)
			require.Len(t, out.Replies, len(dialogues))
			open := map[string]*smtpclient.Client{}
			for _, c := range clients {
				open[c.host] = s.SMTP(t, c.host)
			}
			accepted := 0
			for n, d := range dialogues {
				live := s.live(t, d, open[hosts[n]], hosts[n])
				r := out.Replies[n]
				assert.Equal(t, live.String(), r.String(), "%s\n%s\n%s", d, strings.Join(r.Transcript, "\n"), strings.Join(r.Log, "\n"))
				if r.Accepted() {
					accepted++
				} else {
					// The log tells why, as the live one would.
					require.NotEmpty(t, r.Log, "%s: %s", d, r)
					assert.Contains(t, r.Log[len(r.Log)-1], fmt.Sprintf(": reject: RCPT from %s[%s]: %s; from=<%s> ", d.ClientName, d.Client, r, d.Sender))
				}
			}
			assert.NotZero(t, accepted)
			assert.Less(t, accepted, len(dialogues))
			t.Logf("%d dialogues: up in %s, played in %s", len(dialogues), out.Start, out.Play)
		})
	}
}
