package rehearsal

import (
	"net/netip"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ucs-harden/identity"
	"ucs-harden/plan"
	"ucs-harden/privatepostfix"
	"ucs-harden/rules"
)

// noticed is a consequence without its example.
type noticed struct {
	change Change
	rule   string
}

func TestWhatPeopleWillNotice(t *testing.T) {
	facts := func(today, next plan.Mode) Facts {
		modes := func(m plan.Mode) map[string]plan.Mode {
			return map[string]plan.Mode{"sender-spoofing": m, "submission": m, "relay": m}
		}
		side := func(m plan.Mode, networks string) Side {
			return Side{Modes: modes(m), Networks: networks, Ports: map[int]bool{25: false, 465: true, 587: true}}
		}
		networks := map[plan.Mode]string{plan.Off: "127.0.0.0/8", plan.Warn: "127.0.0.0/8 10.99.1.10/32", plan.Enforce: "127.0.0.0/8 10.99.1.10/32"}
		return Facts{
			Hostname: "mail.company.my", Domains: []string{"company.my"},
			Controllers: []identity.Host{{Name: "dc2.company.my", Addresses: []netip.Addr{netip.MustParseAddr("10.99.1.10")}}},
			Users:       []identity.Account{{UID: "boss", Primary: "boss@company.my"}, {UID: "clerk", Primary: "clerk@company.my"}},
			Today:       side(today, networks[today]), Plan: side(next, networks[next]),
		}
	}
	refusals := []string{"sender-not-owned", "sender-not-logged-in", "recipient-nowhere", "login-only", "sender-spoofing"}
	warned := []string{"sender-not-owned", "sender-not-logged-in", "login-only", "sender-spoofing"}
	all := func(change Change, rules ...string) (out []noticed) {
		for _, r := range rules {
			out = append(out, noticed{change, r})
		}
		return out
	}
	for sentence, c := range map[string]struct {
		today, next plan.Mode
		want        []noticed
	}{
		"warn logs what enforce would refuse, and lets controllers relay":                  {plan.Off, plan.Warn, append(all(NewlyAllowed, "relay"), all(NewlyLogged, warned...)...)},
		"from warn to enforce, only refusals are new":                                      {plan.Warn, plan.Enforce, all(NewlyRefused, refusals...)},
		"from off to enforce, refusals and the right to relay":                             {plan.Off, plan.Enforce, append(all(NewlyRefused, refusals...), all(NewlyAllowed, "relay")...)},
		"from enforce to off, what was refused is allowed, and the right to relay is gone": {plan.Enforce, plan.Off, append(all(NewlyRefused, "relay"), all(NewlyAllowed, refusals...)...)},
		"from warn to off, no line is logged any more":                                     {plan.Warn, plan.Off, append(all(NewlyRefused, "relay"), all(NoLongerLogged, warned...)...)},
		"the same mode changes nothing":                                                    {plan.Enforce, plan.Enforce, nil},
	} {
		t.Run(sentence, func(t *testing.T) {
			m, err := Foresee(facts(c.today, c.next))
			require.NoError(t, err)
			var got []noticed
			for _, o := range m.Consequences() {
				got = append(got, noticed{o.Change, o.Rule})
				assert.NotEmpty(t, o.Mail)
				assert.NotEmpty(t, o.Example)
				assert.Positive(t, o.Messages)
				assert.Empty(t, o.Before+o.After, "no Postfix was asked")
			}
			assert.Equal(t, c.want, got)
		})
	}
}

// What a rehearsal has measured counts more than the rules: a wrong answer is no consequence, and what Postfix does not
// log is not newly logged.
func TestConsequencesOfARehearsal(t *testing.T) {
	ok, refused := privatepostfix.Reply{Code: 250, Enhanced: "2.1.5"}, privatepostfix.Reply{Code: 554, Enhanced: "5.7.1"}
	cell := func(before, after privatepostfix.Reply, o Outcome) Cell {
		return Cell{Before: before, After: after, Outcome: o, Ruling: rules.Ruling{Rule: rules.ByName("sender-spoofing")}}
	}
	logged := cell(ok, ok, Outcome{})
	logged.Ruling = rules.Ruling{Rule: rules.ByName("rest"), Warned: true, WarnedBy: "sender-spoofing"}
	unlogged := logged
	unlogged.Unlogged = true
	for sentence, c := range map[string]struct {
		cell Cell
		want []noticed
	}{
		"a refusal":                      {cell(ok, refused, Outcome{}), []noticed{{NewlyRefused, "sender-spoofing"}}},
		"refused today already":          {cell(refused, refused, Outcome{}), nil},
		"a wrong answer":                 {cell(ok, refused, Outcome{Wrong: true}), nil},
		"refused by something else":      {cell(ok, refused, Outcome{Explained: true}), nil},
		"a line in the log":              {logged, []noticed{{NewlyLogged, "sender-spoofing"}}},
		"a line that Postfix leaves out": {unlogged, nil},
	} {
		t.Run(sentence, func(t *testing.T) {
			var got []noticed
			for _, o := range (&Matrix{Cells: []Cell{c.cell}}).Consequences() {
				got = append(got, noticed{o.Change, o.Rule})
				assert.Equal(t, c.cell.Before.Codes(), o.Before)
			}
			assert.Equal(t, c.want, got)
		})
	}
}

// Every rule that changes something says in words which mail it is about.
func TestEveryRuleHasWords(t *testing.T) {
	for _, r := range rules.Rules() {
		if r.Control != "" && r.Effect != rules.Unchanged {
			assert.NotEmpty(t, r.Mail, r.Name)
			assert.LessOrEqual(t, len(r.Mail), 66, "%s: the line of a consequence fits 80 columns", r.Name)
		}
	}
}
