package rehearsal

import (
	"cmp"
	"slices"
	"strings"

	"ucs-harden/rules"
)

// Change is what people notice of a consequence.
type Change string

// The changes, in the order in which people want to know them.
const (
	// NewlyRefused: mail that is accepted today.
	NewlyRefused Change = "newly-refused"
	// NewlyAllowed: mail that is refused today.
	NewlyAllowed Change = "newly-allowed"
	// NewlyLogged: mail that is accepted as before, with a line in the log that says that mode enforce would refuse it.
	NewlyLogged Change = "newly-logged"
	// NoLongerLogged: mail that is accepted as before, and that leaves no such line any more.
	NoLongerLogged Change = "no-longer-logged"
)

// Changes are all changes, in their order.
func Changes() []Change { return []Change{NewlyRefused, NewlyAllowed, NewlyLogged, NoLongerLogged} }

// Consequence is a kind of mail that the plan treats in another way than today's configuration does.
type Consequence struct {
	Change Change `json:"change"`
	// Control is the control that causes it; "" for accounts that are stopped in every mode.
	Control string `json:"control,omitempty"`
	// Rule is the rule that causes it, see package rules. Mail is what the rule is about, in words.
	Rule string `json:"rule"`
	Mail string `json:"mail"`
	// Messages is the number of test messages.
	Messages int `json:"messages"`
	// Example is one of them, in words.
	Example Words `json:"example"`
	// Before and After are the reply codes of the example, such as "250 2.1.5"; "" when no Postfix was asked.
	Before string `json:"before,omitempty"`
	After  string `json:"after,omitempty"`
}

// Consequences are what people notice of the plan: the kinds of mail that are newly refused, newly allowed, newly logged
// or no longer logged, each kind with its example. Answers that are wrong are none, because they stop the plan. The
// order is that of Changes, then that of the rules.
func (m *Matrix) Consequences() []Consequence {
	out := []Consequence{}
	best := map[int]*Cell{}
	for i := range m.Cells {
		c := &m.Cells[i]
		change, rule := m.consequence(c)
		if change == "" {
			continue
		}
		n := slices.IndexFunc(out, func(o Consequence) bool { return o.Change == change && o.Rule == rule.Name })
		if n < 0 {
			n = len(out)
			out = append(out, Consequence{Change: change, Control: rule.Control, Rule: rule.Name, Mail: rule.Mail})
		}
		out[n].Messages++
		if best[n] == nil || c.plainness() < best[n].plainness() {
			best[n] = c
			out[n].example(c, m.Foreseen)
		}
	}
	place := map[string]int{}
	for i, r := range rules.Rules() {
		place[r.Name] = i
	}
	slices.SortStableFunc(out, func(a, b Consequence) int {
		order := slices.Index(Changes(), a.Change) - slices.Index(Changes(), b.Change)
		return cmp.Or(order, place[a.Rule]-place[b.Rule])
	})
	return out
}

// plainness orders letters: the best example has a recipient who exists, a sender with an address, and the fewest words.
func (c *Cell) plainness() int {
	n := len(c.Words.Short())
	if c.Letter.RecipientIs == rules.Nowhere {
		n += 1000
	}
	if !strings.Contains(c.Words.Sender, "@") {
		n += 100
	}
	return n
}

// example makes a letter the example.
func (o *Consequence) example(c *Cell, foreseen bool) {
	o.Example = c.Words
	if !foreseen {
		o.Before, o.After = c.Before.Codes(), c.After.Codes()
	}
}

// consequence is what people notice of one letter, with the rule that causes it. The rule is that of the plan, or that of
// today when a control is switched off.
func (m *Matrix) consequence(c *Cell) (Change, rules.Rule) {
	before, after := c.Before.Accepted(), c.After.Accepted()
	if m.Foreseen {
		before, after = accepts(c.Ruled, c.Today), accepts(c.Ruling, c.Letter)
	}
	causes := func(r rules.Rule, effect rules.Effect) bool { return r.Effect == effect && r.Mail != "" }
	switch {
	case c.Wrong || c.Explained:
		return "", rules.Rule{}
	case before && !after && causes(c.Ruling.Rule, rules.Refuse):
		return NewlyRefused, c.Ruling.Rule
	case before && !after && causes(c.Ruled.Rule, rules.Accept):
		return NewlyRefused, c.Ruled.Rule
	case !before && after && causes(c.Ruled.Rule, rules.Refuse):
		return NewlyAllowed, c.Ruled.Rule
	case !before && after && causes(c.Ruling.Rule, rules.Accept):
		return NewlyAllowed, c.Ruling.Rule
	case !before || !after:
		return "", rules.Rule{}
	case c.Ruling.Warned && !c.Unlogged && !c.Ruled.Warned:
		return NewlyLogged, rules.ByName(c.Ruling.WarnedBy)
	case c.Ruled.Warned && !c.Ruling.Warned:
		return NoLongerLogged, rules.ByName(c.Ruled.WarnedBy)
	}
	return "", rules.Rule{}
}
