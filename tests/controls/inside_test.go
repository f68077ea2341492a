package controls_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ucs-harden/tests/lab"
	"ucs-harden/tests/lab/smtpclient"
	"ucs-harden/tests/verdicts/table"
)

// attempt is a letter to port 25, and what becomes of it. In warn the spoofed ones are logged and accepted, in enforce
// they are refused. All others keep the reply that they had.
type attempt struct {
	what, host, server, from, to string
	spoofed                      bool
	before                       int // the reply code; 0 is 250
}

const (
	public, lan6, loop6 = "203.0.113.1", "fd99:1::1", "::1"
	here, there         = "employee@company.my", "you@foreign.example"
)

// attempts come from all who are inside in one of the two degrees, and from outside with senders in all forms.
// access(5) looks for the domain and its parents; RFC 5321, 4.1.3 has the forms of address literals, RFC 5890 those of
// labels. 454 is what a stock UCS 5.2 says to everybody who may not relay.
var attempts = []attempt{
	{"another mail server of the directory", "inside", "", "boss@company.my", here, false, 0},
	{"the same by IPv6", "inside", lan6, "boss@company.my", here, false, 0},
	{"it does not relay", "inside", "", "boss@company.my", there, false, 454},
	{"it skips no other check", "inside", "", stranger, "staff@company.my", false, 0},
	{"this server by its public address", "mail", public, "root@mail.company.my", here, false, 0},
	{"by its address in the company", "mail", "10.99.1.1", "boss@company.my", here, false, 0},
	{"by IPv6 loopback, to which UCS maps localhost", "mail", loop6, "boss@company.my", here, false, 0},
	{"by IPv6 loopback it does not relay", "mail", loop6, "boss@company.my", there, false, 454},
	{"by IPv4 loopback it is in mynetworks", "mail", "127.0.0.1", "boss@company.my", there, false, 0},
	{"a stranger as himself", "outside", public, stranger, here, false, 0},
	{"a hosted domain", "outside", public, "boss@company.my", here, true, 0},
	{"the A-label", "outside", public, "boss@xn--mnchen-3ya.example", here, true, 0},
	{"the U-label", "outside", public, "boss@münchen.example", here, true, 0},
	{"the U-label in capitals", "outside", public, "boss@MÜNCHEN.example", here, true, 0},
	{"the U-label, decomposed", "outside", public, "boss@mu\u0308nchen.example", here, true, 0},
	{"a sub-domain of the U-label", "outside", public, "boss@it.münchen.example", here, true, 0},
	{"a full-width letter", "outside", public, "boss@ｃompany.my", here, true, 0},
	{"an ideographic full stop", "outside", public, "boss@company。my", here, true, 0},
	{"its full-width sibling", "outside", public, "boss@company．my", here, true, 0},
	{"its halfwidth sibling", "outside", public, "boss@company｡my", here, true, 0},
	{"a soft hyphen", "outside", public, "boss@com\u00adpany.my", here, true, 0},
	{"a letter in a circle", "outside", public, "boss@ⓒompany.my", here, true, 0},
	{"a mathematical letter", "outside", public, "boss@𝐜ompany.my", here, true, 0},
	{"the U-label of somebody else", "outside", public, "boss@bücher.foreign.example", here, false, 0},
	{"full-width letters before the @", "outside", public, "ｂoss@foreign.example", here, false, 0},
	{"a name of this server", "outside", public, "root@localhost", here, true, 0},
	{"another", "outside", public, "root@mail.company.my", here, true, 0},
	{"no domain, which Postfix completes", "outside", public, "root", here, true, 0},
	{"an address of this server", "outside", public, "boss@[203.0.113.1]", here, true, 0},
	{"with zeros", "outside", public, "boss@[203.0.113.001]", here, true, 0},
	{"an IPv6 address of this server", "outside", public, "boss@[IPv6:fd99:1::1]", here, true, 0},
	{"written in full", "outside", public, "boss@[ipv6:FD99:0001:0:0:0:0:0:1]", here, true, 0},
	{"an address of somebody else", "outside", public, "boss@[203.0.113.66]", here, false, 0},
}

// play hands the attempts in, and returns the replies and the lines of the log.
func play(t *testing.T, c table.Company, phase string) ([]smtpclient.Reply, [][]string) {
	t.Helper()
	begin := len(c.MailLog())
	var replies []smtpclient.Reply
	clients := map[string]*smtpclient.Client{}
	for i, a := range attempts {
		if clients[a.host] == nil {
			client, err := c.NewSMTP(a.host)
			require.NoError(t, err)
			defer client.Close()
			clients[a.host] = client
		}
		d := smtpclient.Dialogue{Server: a.server, Port: 25, Helo: fmt.Sprintf("%s-%d", phase, i), MailFrom: a.from, RcptTo: []string{a.to}}
		if d.Server == "" {
			d.Server = lab.MailServer(a.host)
		}
		if strings.ContainsFunc(a.from, func(r rune) bool { return r > 127 }) {
			d.Declare = "SMTPUTF8"
		}
		answer, err := clients[a.host].Play(context.WithoutCancel(t.Context()), d)
		require.NoError(t, err, a.what)
		replies = append(replies, answer.Verdict(0))
	}
	logged := c.LogSince(t, begin)
	lines := make([][]string, len(attempts))
	for i := range attempts {
		lines[i] = logged[fmt.Sprintf("%s-%d", phase, i)]
	}
	return replies, lines
}

const spoofing = "#ucs-harden:sender-spoofing"

func TestWhoIsInsideAndWhatIsOurs(t *testing.T) {
	t.Parallel()
	c := table.NewCompany(t)
	c.ChangeDirectory(t, `
dn: cn=mail2,cn=memberserver,cn=computers,dc=company,dc=my
changetype: add
objectClass: person
objectClass: univentionHost
objectClass: univentionMemberServer
cn: mail2
sn: mail2
associatedDomain: company.my
univentionServerRole: member
univentionService: SMTP
aRecord: 10.99.1.50
aAAARecord: fd99:0001:0000:0000:0000:0000:0000:0050
`)
	put(t, c, set{
		"mail/hosteddomains": "company.my company.local xn--mnchen-3ya.example", "mail/postfix/inet/protocols": "all",
		"mail/harden/relay/mode": "off", "mail/harden/submission/mode": "off", "mail/harden/suspended/mode": "off",
		"mail/harden/protected/list/staff/address": "staff@company.my", "mail/harden/protected/mode": "off",
	})
	require.NoError(t, c.Restart(t.Context(), lab.Postfix)) // inet_protocols (postconf(5))
	untouched := c.Snapshot(t)
	ask := func(phase string, spoofed func(a attempt, reply smtpclient.Reply, lines []string)) {
		t.Helper()
		replies, lines := play(t, c, phase)
		for i, a := range attempts {
			if a.spoofed && spoofed != nil {
				spoofed(a, replies[i], lines[i])
				continue
			}
			want := 250
			if a.before != 0 {
				want = a.before
			}
			assert.Equal(t, want, replies[i].Code, "%s: %s: %s", phase, a.what, replies[i])
			assert.NotContains(t, strings.Join(lines[i], "\n"), "#ucs-harden", "%s: %s", phase, a.what)
		}
	}
	warned := func(phase string) func(attempt, smtpclient.Reply, []string) {
		return func(a attempt, reply smtpclient.Reply, lines []string) {
			assert.Equal(t, 250, reply.Code, "%s: %s: %s", phase, a.what, reply)
			require.Len(t, lines, 1, "%s: %s", phase, a.what)
			assert.Contains(t, lines[0], ": warn: RCPT from ", "%s: %s", phase, a.what)
			assert.Contains(t, lines[0], spoofing, "%s: %s", phase, a.what)
		}
	}
	refused := func(phase string) func(attempt, smtpclient.Reply, []string) {
		return func(a attempt, reply smtpclient.Reply, _ []string) {
			assert.Equal(t, 554, reply.Code, "%s: %s: %s", phase, a.what, reply)
			assert.Contains(t, reply.Text, "Delivery not authorized, message refused "+spoofing, "%s: %s", phase, a.what)
		}
	}

	ask("before", nil)
	c.Harden(t, "apply --mode warn --yes")
	ask("warn", warned("warn"))
	c.Harden(t, "apply --mode enforce --no-evidence --yes")
	ask("enforce", refused("enforce"))

	// A domain has its own mode in all of its forms. A form that no domain can have follows the mode of the control.
	c.UCR(t, "set", "mail/harden/sender-spoofing/domain/xn--mnchen-3ya.example/mode=warn")
	c.Harden(t, "sync")
	ask("by-domain", func(a attempt, reply smtpclient.Reply, lines []string) {
		if strings.Contains(strings.ToLower(a.from), "nchen") {
			warned("by-domain")(a, reply, lines)
			return
		}
		refused("by-domain")(a, reply, lines)
	})
	c.Harden(t, "rollback")
	c.UCR(t, "unset", "mail/harden/sender-spoofing/domain/xn--mnchen-3ya.example/mode")

	// A new address is drift, and exempt from the next sync on.
	_, err := c.Mail().Run(t.Context(), "ip", "address", "add", "203.0.113.9/24", "dev", "eth1")
	require.NoError(t, err)
	assert.Contains(t, c.Harden(t, "status --check", 2), "drift")
	c.Harden(t, "sync")
	assert.Contains(t, c.Harden(t, "check --client 203.0.113.9 --from boss@company.my --to employee@company.my"), "accepted")
	_, err = c.Mail().Run(t.Context(), "ip", "address", "del", "203.0.113.9/24", "dev", "eth1")
	require.NoError(t, err)
	c.Harden(t, "rollback")

	c.Harden(t, "rollback")
	c.Harden(t, "rollback")
	assert.Empty(t, untouched.Diff(c.Snapshot(t)), "what the rollbacks left")
	ask("rolled-back", nil)
}
