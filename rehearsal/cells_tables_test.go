package rehearsal

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"

	"ucs-harden/identity"
	"ucs-harden/plan"
	"ucs-harden/privatepostfix"
	"ucs-harden/rules"
	"ucs-harden/samples"
)

func entry(kind samples.Kind, key, value string) samples.Entry {
	return samples.Entry{Table: samples.Table{Kind: kind, Type: "hash", Name: "/x"}, Key: key, Value: value}
}

// What the administrator's tables name is asked about as access(5) looks it up.
func TestTheMatrixAsksAboutTheAdministratorsTables(t *testing.T) {
	f := company(plan.Off, plan.Warn)
	f.People = append(f.People, identity.Account{UID: "boss", Primary: "boss@company.my"})
	f.Entries = []samples.Entry{
		entry(samples.Client, "198.51.100.0/24", "OK"), entry(samples.Client, "198.51.101", "OK"),
		entry(samples.Client, ".partner.example", "OK"), entry(samples.Client, "2001:db8::1", "OK"),
		entry(samples.Sender, "partner.example", "REJECT"), entry(samples.Sender, ".other.example", "OK"),
		entry(samples.Sender, "news@", "OK"), entry(samples.Sender, "a@b.example", "OK"), entry(samples.Sender, "<>", "WARN x"),
		entry(samples.Recipient, "office@company.my", "REJECT"), entry(samples.Login, "ticket", "REJECT"),
		entry(samples.Owned, "office@company.my", "boss, ticket"),
	}
	cells, _ := cellsOf(t, f)
	for sentence, is := range map[string]func(privatepostfix.Dialogue) bool{
		"a client of a network":        func(d privatepostfix.Dialogue) bool { return d.Client.String() == "198.51.100.1" },
		"a client by its first octets": func(d privatepostfix.Dialogue) bool { return d.Client.String() == "198.51.101.1" },
		"a client by its name":         func(d privatepostfix.Dialogue) bool { return d.ClientName == "ucs-harden.partner.example" },
		"a sender's domain":            func(d privatepostfix.Dialogue) bool { return d.Sender == "ucs-harden@partner.example" },
		"a sender's sub-domain":        func(d privatepostfix.Dialogue) bool { return d.Sender == "ucs-harden@ucs-harden.other.example" },
		"a sender's local part":        func(d privatepostfix.Dialogue) bool { return d.Sender == "news@foreign.example" },
		"a sender": func(d privatepostfix.Dialogue) bool {
			return d.Sender == "a@b.example" && d.Port == 587 && d.Login == "boss"
		},
		"a recipient": func(d privatepostfix.Dialogue) bool { return d.Recipient == "office@company.my" && d.Port == 25 },
		"a login":     func(d privatepostfix.Dialogue) bool { return d.Login == "ticket" },
		"an owner":    func(d privatepostfix.Dialogue) bool { return d.Login == "boss" && d.Sender == "office@company.my" },
		"an owner that the directory does not know": func(d privatepostfix.Dialogue) bool {
			return d.Login == "ticket" && d.Sender == "office@company.my"
		},
		"somebody without a login as an owned sender": func(d privatepostfix.Dialogue) bool {
			return d.Login == "" && d.Port == 25 && d.Sender == "office@company.my"
		},
	} {
		assert.True(t, slices.ContainsFunc(cells, func(c Cell) bool { return c.OfTable && is(c.Dialogue) }), sentence)
	}
	for _, c := range cells {
		if c.Dialogue.Sender == "office@company.my" && c.Dialogue.Login == "ticket" {
			assert.Equal(t, rules.TheLogin, c.Letter.Owner, "his map says so")
		}
		assert.True(t, c.Dialogue.Client.Is4(), "%s: Postfix speaks no IPv6 here", c)
	}
}

// What the administrator's tables permit or refuse is to stay so.
func TestWhatTheAdministratorsTablesDecideStays(t *testing.T) {
	accepted := privatepostfix.Reply{Code: 250, Enhanced: "2.0.0", Text: "Ok: queued"}
	refused := privatepostfix.Reply{Code: 554, Enhanced: "5.7.1", Text: "<x>: Sender address rejected: his text"}
	lifted := privatepostfix.Reply{Code: 554, Enhanced: "5.7.1", Text: "<x>: Relay access denied"}
	ours := privatepostfix.Reply{Code: 554, Enhanced: "5.7.1", Text: "<x>: Sender address rejected: no #ucs-harden:suspended"}
	accept := rules.Ruling{Rule: rules.Rule{Effect: rules.Accept, Lifts: []string{"Relay access denied"}}}
	refuse := rules.Ruling{Rule: rules.Rule{Effect: rules.Refuse, Code: 554, Control: "sender-spoofing"}}
	for sentence, c := range map[string]struct {
		ruling           rules.Ruling
		before, after    privatepostfix.Reply
		wrong, explained bool
	}{
		"what his table permits before our check is explained":    {refuse, accepted, accepted, false, true},
		"what a control refuses now is right":                     {refuse, accepted, refused, false, false},
		"what his table refuses may not be lost":                  {accept, refused, accepted, true, false},
		"what his table refuses, and still does, is explained":    {accept, refused, refused, false, true},
		"what a control permits, such as relaying, is right":      {accept, lifted, accepted, false, false},
		"what a control refused and no longer does is right":      {accept, ours, accepted, false, false},
		"what his map permits may not be refused":                 {accept, accepted, refused, true, false},
		"what no control is about may not be accepted instead":    {rules.Ruling{}, refused, accepted, true, false},
		"what no control is about may not be refused instead":     {rules.Ruling{}, accepted, refused, true, false},
		"what no control is about and stays refused is right":     {rules.Ruling{}, refused, refused, false, false},
		"what is refused and should be is right whoever did so":   {refuse, refused, refused, false, false},
		"what he refuses and a control should is lost: it is bad": {refuse, refused, accepted, true, false},
	} {
		t.Run(sentence, func(t *testing.T) {
			cell := Cell{OfTable: true, Ruling: c.ruling, Before: c.before, After: c.after}
			o := cell.judge(look([]Cell{cell}))
			assert.Equal(t, [2]bool{c.wrong, c.explained}, [2]bool{o.Wrong, o.Explained}, o.Why)
		})
	}
}
