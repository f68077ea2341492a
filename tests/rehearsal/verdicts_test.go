package rehearsal_test

import (
	"fmt"
	"net/netip"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ucs-harden/mastercf"
	"ucs-harden/privatepostfix"
	"ucs-harden/tests/lab"
)

// client is a host of the lab, as the server sees it: by address, and by the name that its DNS gives.
type client struct{ host, addr, name string }

var clients = []client{
	{"outside", "203.0.113.66", "out66.foreign.example"},
	{"inside", "10.99.1.50", "inside.company.my"},
	{"dc2", "10.99.1.10", "dc2.company.my"},
	{"mail", "127.0.0.1", "localhost"},
}

var (
	logins  = []string{"", "employee@company.my", "employee"} // on 465 and 587; AUTH is off on 25
	senders = []string{
		"employee@company.my", "employee@help.company.my", "EMPLOYEE@COMPANY.MY", "e.mployee@company.my", "boss@company.my", "me@foreign.example", "",
	}
	recipients = []string{
		"clerk@company.local", "nobody@company.my", "full@company.my", "you@foreign.example", "you@nowhere.example", "postmaster",
	}
)

// session is what one program of a user says on one connection: one envelope sender, and all the recipients.
type session struct {
	client
	port          int
	login, sender string
}

// dialogues are the cells of a session, as a private instance plays them: one recipient each.
func (s session) dialogues() (all []privatepostfix.Dialogue) {
	for _, recipient := range recipients {
		all = append(all, privatepostfix.Dialogue{
			Client: netip.MustParseAddr(s.addr), ClientName: s.name, Helo: "office", Port: s.port, Login: s.login, Sender: s.sender, Recipient: recipient,
		})
	}
	return all
}

// sessions are all combinations of who, where and from that can exist.
func sessions() (all []session) {
	for _, c := range clients {
		for _, port := range mastercf.Ports {
			for _, login := range logins {
				for _, sender := range senders {
					if port != 25 || login == "" {
						all = append(all, session{c, port, login, sender})
					}
				}
			}
		}
	}
	return all
}

// What the table of verdicts in tests/verdicts speaks of is among the cells, all of it.
func TestEveryCellOfTheTableOfVerdictsIsPlayed(t *testing.T) {
	var hosts []string
	for _, c := range clients {
		hosts = append(hosts, c.host)
	}
	played := map[string][]string{"client": hosts, "port": {"25", "465", "587"}, "login": logins, "sender": senders, "recipient": recipients}
	table, err := os.ReadFile("../verdicts/testdata/verdicts.txt")
	require.NoError(t, err)
	seen := map[string]int{}
	for line := range strings.Lines(string(table)) {
		words := strings.Fields(line)
		if len(words) < 3 || played[words[0]] == nil {
			continue
		}
		seen[words[0]]++
		value := words[2]
		if words[0] == "port" {
			value = words[1]
		}
		assert.Contains(t, played[words[0]], strings.Trim(value, "-<>"), "%s", line)
	}
	for dimension := range played {
		assert.NotZero(t, seen[dimension], dimension)
	}
}

// Every reply of a private instance to RCPT is the live one that swaks gets from the real host, word for word, and the log
// tells why, unless a policy service decides: on the server as it was installed, when it warns and when it enforces. In
// warn nothing is refused that was accepted. If the test is not thorough, swaks plays each session in one of the modes.
func TestVerdictsAreTheLiveOnes(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	var before []privatepostfix.Reply
	for m, mode := range []string{"", "warn", "enforce"} {
		t.Run("mode "+mode, func(t *testing.T) {
			if mode != "" {
				result, err := s.Mail().Run(t.Context(), "ucs-harden", "apply", "--yes", "--no-evidence", "--mode", mode)
				require.NoError(t, err)
				require.Zero(t, result.Code, result.Stderr)
				require.NoError(t, s.BackdatePostfix())
			}
			var dialogues []privatepostfix.Dialogue
			for _, session := range sessions() {
				dialogues = append(dialogues, session.dialogues()...)
			}
			out := s.rehearse(t, s.config(t), dialogues...)
			require.Empty(t, out.Error)
			require.Len(t, out.Replies, len(dialogues))
			live := slices.Concat(s.swaksAll(t, sessions(), func(n int) bool { return lab.Thorough() || n%3 == m })...)
			require.Len(t, live, len(dialogues))
			accepted := 0
			for n, d := range dialogues {
				r := out.Replies[n]
				switch {
				case live[n] == "": // not in the sample
				case d.Recipient == "full@company.my" && strings.HasPrefix(live[n], "552 "):
					assert.Equal(t, []string{"the policy service inet:127.0.0.1:12340"}, r.NotAsked, "%s", d)
				default:
					assert.Equal(t, live[n], toRcpt(r), "%s\n%s\n%s", d, strings.Join(r.Transcript, "\n"), strings.Join(r.Log, "\n"))
				}
				if r.Accepted() {
					accepted++
				} else {
					// The log tells why, as the live one would.
					require.NotEmpty(t, r.Log, "%s: %s", d, r)
					assert.Contains(t, r.Log[len(r.Log)-1], fmt.Sprintf(": reject: RCPT from %s[%s]: %s; from=<%s> ", d.ClientName, d.Client, r, d.Sender))
				}
				if mode == "warn" && before[n].Accepted() {
					assert.True(t, r.Accepted(), "warn refuses what was accepted: %s: %s", d, r)
				}
			}
			assert.NotZero(t, accepted)
			assert.Less(t, accepted, len(dialogues))
			if mode == "" {
				before = out.Replies
			}
			t.Logf("%d dialogues: up in %s, played in %s", len(dialogues), out.Start, out.Play)
		})
	}
}

// toRcpt is the reply that decided until RCPT.
func toRcpt(r privatepostfix.Reply) string {
	if r.At == privatepostfix.AtEnd || r.At == privatepostfix.AtData {
		i := slices.IndexFunc(r.Transcript, func(line string) bool { return strings.HasPrefix(line, "C: RCPT ") })
		return strings.TrimPrefix(r.Transcript[i+1], "S: ")
	}
	return r.String()
}
