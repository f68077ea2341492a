package rehearsal

import (
	"net/netip"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"ucs-harden/identity"
	"ucs-harden/plan"
	"ucs-harden/privatepostfix"
	"ucs-harden/rights"
	"ucs-harden/rules"
)

func TestACourtWithAdditions(t *testing.T) {
	address, network := netip.MustParseAddr, netip.MustParsePrefix
	spoofed := privatepostfix.Dialogue{Client: address("203.0.113.66"), Port: 25, Sender: "scan@company.my", Recipient: "employee@company.my"}
	relayed := spoofed
	relayed.Recipient = "you@foreign.example"
	foreign := privatepostfix.Dialogue{
		Client: address("203.0.113.66"), Port: 587, Login: "boss", Sender: "info@company.my", Recipient: "you@foreign.example",
	}
	byAddress := foreign
	byAddress.Login = "boss@company.my"
	other := foreign
	other.Login = "clerk"
	for sentence, c := range map[string]struct {
		dialogue privatepostfix.Dialogue
		add      Addition
		want     string // the rule
	}{
		"nothing is added":                                  {spoofed, Addition{}, "sender-spoofing"},
		"an exception for the client":                       {spoofed, Addition{Exceptions: []rules.Exception{{Name: "a", Client: network("203.0.113.66/32")}}}, "exception"},
		"an exception for another client":                   {spoofed, Addition{Exceptions: []rules.Exception{{Name: "a", Client: network("203.0.113.67/32")}}}, "sender-spoofing"},
		"an exception lets nobody relay":                    {relayed, Addition{Exceptions: []rules.Exception{{Name: "a", Client: network("203.0.113.0/24")}}}, "stranger-relays"},
		"a network that may relay may write as ours":        {spoofed, Addition{Relaying: []netip.Prefix{network("203.0.113.0/24")}}, "relay"},
		"a network that may relay may write to elsewhere":   {relayed, Addition{Relaying: []netip.Prefix{network("203.0.113.0/24")}}, "relay"},
		"a login without a right":                           {foreign, Addition{}, "sender-not-owned"},
		"a right for the login":                             {foreign, Addition{Rights: rights.Rights{Addresses: map[string][]string{"info@company.my": {"boss"}}}}, "own-sender"},
		"a right for the uid, and a login with the address": {byAddress, Addition{Rights: rights.Rights{Addresses: map[string][]string{"info@company.my": {"boss"}}}}, "own-sender"},
		"a right for the domain":                            {foreign, Addition{Rights: rights.Rights{Domains: map[string][]string{"company.my": {"BOSS"}}}}, "own-sender"},
		"a right for somebody else":                         {other, Addition{Rights: rights.Rights{Addresses: map[string][]string{"info@company.my": {"boss"}}}}, "sender-not-owned"},
	} {
		t.Run(sentence, func(t *testing.T) {
			f := company(plan.Off, plan.Enforce)
			court := f.Court(f.Users)
			assert.Equal(t, c.want, court.Ruling(c.dialogue, c.add).Name)
			assert.Equal(t, court.Ruling(c.dialogue, Addition{}), court.Ruling(c.dialogue, Addition{}), "an addition leaves nothing behind")
		})
	}
}

func TestACourtIsIntroduced(t *testing.T) {
	f := company(plan.Off, plan.Enforce)
	d := privatepostfix.Dialogue{
		Client: netip.MustParseAddr("203.0.113.66"), Port: 587, Login: "boss", Sender: "chief@company.my", Recipient: "you@foreign.example",
	}
	court := f.Court(nil)
	assert.Equal(t, "sender-not-owned", court.Ruling(d, Addition{}).Name, "whose the address is, is not known yet")
	court.Introduce(f.Users...)
	assert.Equal(t, "own-sender", court.Ruling(d, Addition{}).Name)
	court.Introduce(identity.Account{UID: "x"})
	assert.Equal(t, "own-sender", court.Ruling(d, Addition{}).Name)
}

// smtpd(8) asks its tables for an address without its extension, too (access(5)).
func TestACourtKnowsExtensions(t *testing.T) {
	for sentence, c := range map[string]struct {
		delimiter, sender, recipient string
		want                         string
	}{
		"the extension of an own address":              {"+", "boss+lists@company.my", "you@foreign.example", "own-sender"},
		"without a delimiter it is another address":    {"", "boss+lists@company.my", "you@foreign.example", "sender-not-owned"},
		"that of another address":                      {"+", "employee+lists@company.my", "you@foreign.example", "sender-not-owned"},
		"several delimiters":                           {"+=", "boss=lists@company.my", "you@foreign.example", "own-sender"},
		"a delimiter at the beginning is no extension": {"+", "+boss@company.my", "you@foreign.example", "sender-not-owned"},
		"an unknown address is not known by it":        {"+", "boss@company.my", "nobody+x@company.my", "unknown-recipient"},
	} {
		t.Run(sentence, func(t *testing.T) {
			f := company(plan.Off, plan.Enforce)
			f.Delimiter = c.delimiter
			d := privatepostfix.Dialogue{
				Client: netip.MustParseAddr("203.0.113.66"), Port: 587, Login: "boss", Sender: c.sender, Recipient: c.recipient,
			}
			assert.Equal(t, c.want, f.Court(f.Users).Ruling(d, Addition{}).Name)
		})
	}
}

// All messages of a class have the same ruling, today and under the plan: what a replay relies on.
func TestAClassHasOneRuling(t *testing.T) {
	for sentence, f := range map[string]Facts{
		"a company":                       company(plan.Warn, plan.Enforce),
		"with lists and exceptions":       withNeighbours(withLists(company(plan.Warn, plan.Enforce))),
		"with relay restrictions":         withRelay(withLists(company(plan.Off, plan.Enforce)), stockRelay),
		"a domain with a mode of its own": ownMode(withNeighbours(company(plan.Warn, plan.Enforce))),
	} {
		t.Run(sentence, func(t *testing.T) {
			type key struct {
				Class
				port int
			}
			type ruling struct{ today, planned string }
			court := f.Court(append(f.People, f.Users...))
			seen, of := map[key]ruling{}, map[key]privatepostfix.Dialogue{}
			cells, _ := cellsOf(t, f)
			without, among := 0, 0
			for _, c := range cells {
				d := c.Dialogue
				at := strings.LastIndexByte(d.Recipient, '@')
				if d.Service != "" || at < 0 {
					continue
				}
				class, ok := court.Class(d.Client, d.Login, d.Sender, d.Recipient)
				if !ok {
					without++
					continue
				}
				known := Certainty(court.AtDomain(d.Recipient[at+1:]))
				words := func(r rules.Ruling) string {
					// Which of its two rules refuses without a login depends on whose the sender is, and makes no difference.
					return string(r.Effect) + " " + r.Control
				}
				now := ruling{words(court.RuledToday(d, known)), words(court.Ruling(d, Addition{}, known))}
				k := key{class, d.Port}
				if before, met := seen[k]; met {
					among++
					assert.Equal(t, before, now, "%s\n%s", of[k], d)
				}
				seen[k], of[k] = now, d
			}
			assert.Greater(t, among, 20, "classes with several messages")
			assert.Greater(t, len(seen), 5)
			if len(f.Plan.Listings.Insiders) > 0 {
				assert.NotZero(t, without, "what lists name has no class")
			}
		})
	}
}

func ownMode(f Facts) Facts {
	f.Plan.Modes["sender-spoofing/company.local"] = plan.Warn
	return f
}
