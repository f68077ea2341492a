package verdicts_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ucs-harden/tests/lab"
	"ucs-harden/tests/lab/smtpclient"
)

// Exceptions where domains have modes of their own and addresses are protected: an exception lets in where sender-spoofing
// would refuse or warn, and nowhere else.
func TestExceptionsBesideModesOfDomainsAndProtectedAddresses(t *testing.T) {
	c := newCompany(t)
	c.UCR(t, "set", "mail/hosteddomains=company.my company.local help.company.my",
		"mail/harden/sender-spoofing/domain/company.local/mode=warn", "mail/harden/sender-spoofing/domain/help.company.my/mode=off",
		"mail/harden/protected/list/staff/address=staff@company.my", "mail/harden/protected/list/office/address=office@company.my",
		"mail/harden/protected/list/office/variant=senders", "mail/harden/protected/list/office/senders=company.my",
		"mail/harden/exception/domain/client=203.0.113.64/26", "mail/harden/exception/domain/sender=company.my",
		"mail/harden/exception/local/client=203.0.113.66", "mail/harden/exception/local/sender=company.local")
	c.ReloadPostfix(t)
	untouched := c.Snapshot(t)
	c.Harden(t, "apply --mode enforce --no-evidence --yes")
	for sentence, l := range map[string]struct {
		host, from, to string
		code           int
		said           string // a part of the refusal, or of the line in the log
	}{
		"a domain in enforce":                         {"outside", "boss@company.my", "employee@company.my", 250, "#ucs-harden:exception:domain;"},
		"its sub-domain":                              {"outside", "it@sub.company.my", "employee@company.my", 250, "#ucs-harden:exception:domain;"},
		"a hosted domain below that is off":           {"outside", "it@help.company.my", "employee@company.my", 250, ""},
		"a domain in warn":                            {"outside", "clerk@company.local", "employee@company.my", 250, "#ucs-harden:exception:local;"},
		"a domain in enforce from another client":     {"mx", "boss@company.my", "employee@company.my", 554, "#ucs-harden:sender-spoofing"},
		"a domain in warn from another client":        {"mx", "clerk@company.local", "employee@company.my", 250, "#ucs-harden:sender-spoofing *** Invalid Inbound Sender ***;"},
		"a domain that is off from another client":    {"mx", "it@help.company.my", "employee@company.my", 250, ""},
		"to an address that insiders may write to":    {"outside", "boss@company.my", "staff@company.my", 554, "#ucs-harden:protected"},
		"to one with a list of senders that has ours": {"outside", "boss@company.my", "office@company.my", 554, "log in to write as one of ours #ucs-harden:protected"},
		"to elsewhere":                                {"outside", "boss@company.my", "you@foreign.example", 454, "Relay access denied"},
		"to nobody":                                   {"outside", "boss@company.my", "nobody@company.my", 550, "User unknown"},
	} {
		t.Run(sentence, func(t *testing.T) {
			begin, helo := len(c.MailLog()), strings.ReplaceAll(sentence, " ", "-")
			answer, err := c.SMTP(t, l.host).Play(t.Context(), smtpclient.Dialogue{
				Server: lab.MailServer(l.host), Port: 25, Helo: helo, MailFrom: l.from, RcptTo: []string{l.to},
			})
			require.NoError(t, err)
			assert.Equal(t, l.code, answer.Verdict(0).Code, answer.Verdict(0).Text)
			lines := strings.Join(c.LogSince(t, begin)[helo], "\n")
			assert.Contains(t, lines, l.said)
			// The checks behind sender-spoofing come when the exception has been used.
			used := strings.HasPrefix(l.said, "#ucs-harden:exception") || l.to == "staff@company.my" || l.to == "nobody@company.my"
			assert.Equal(t, used, strings.Contains(lines, "exception"), lines)
		})
	}
	c.Harden(t, "rollback")
	assert.Empty(t, untouched.Diff(c.Snapshot(t)), "what the rollback left")
}
