package rehearsal

import (
	"net/netip"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ucs-harden/identity"
	"ucs-harden/plan"
	"ucs-harden/rules"
)

// An MX may listen elsewhere, and an administrator may add ports.
func TestFurtherPortsAreAskedWhatMattersMost(t *testing.T) {
	side := func(mode plan.Mode) Side {
		modes := map[string]plan.Mode{"sender-spoofing": mode, "submission": mode}
		return Side{
			Modes: modes, Networks: "127.0.0.0/8", Ports: map[int]bool{25: false}, At: map[int]string{25: "2525"},
			Further: []Door{
				{Name: "2526", Role: 25},
				{Name: "10587", Role: 587, Auth: true, Submission: true},
				{Name: "203.0.113.1:10588", Role: 587, Auth: true},
			},
		}
	}
	f := Facts{
		Hostname: "mail.company.my", Domains: []string{"company.my"}, Today: side(plan.Off), Plan: side(plan.Enforce),
		Controllers: []identity.Host{{Name: "dc2", Addresses: []netip.Addr{netip.MustParseAddr("10.99.1.10")}}},
		Users:       []identity.Account{{UID: "boss", Primary: "boss@company.my"}, {UID: "clerk", Primary: "clerk@company.my"}},
	}
	cells, _, err := Cells(f)
	require.NoError(t, err)
	rulings := map[string]rules.Ruling{}
	for _, c := range cells {
		if strings.HasPrefix(c.Words.Client, "a stranger") {
			rulings[strings.Join([]string{c.Words.Access, c.Dialogue.Sender, c.Dialogue.Recipient}, " ")] = c.Ruling
		}
	}
	for letter, rule := range map[string]string{
		"port 2525 boss@company.my clerk@company.my":                                  "sender-spoofing",
		"port 2526 boss@company.my clerk@company.my":                                  "sender-spoofing",
		"port 2526 ucs-harden@iana.org ucs-harden@iana.org":                           "stranger-relays",
		"port 10587 ucs-harden@iana.org clerk@company.my":                             "login-only",
		"port 10587, logged in as boss clerk@company.my clerk@company.my":             "sender-not-owned",
		"port 203.0.113.1:10588 boss@company.my clerk@company.my":                     "sender-spoofing",
		"port 203.0.113.1:10588, logged in as boss clerk@company.my clerk@company.my": "logged-in",
	} {
		got, asked := rulings[letter]
		require.True(t, asked, letter)
		assert.Equal(t, rule, got.Name, letter)
	}
	for _, c := range cells {
		assert.NotContains(t, c.Words.Access, "port 25,")
		if c.Dialogue.Service == "2525" {
			assert.Equal(t, 25, c.Dialogue.Port, "the role")
		}
	}
}
