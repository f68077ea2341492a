package rehearsal

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"ucs-harden/plan"
	"ucs-harden/privatepostfix"
	"ucs-harden/rules"
)

func TestGrid(t *testing.T) {
	ok, denied := privatepostfix.Reply{Code: 250}, privatepostfix.Reply{Code: 554}
	// cell is a stranger who writes to an address inside.
	cell := func(port int, before, after privatepostfix.Reply, change func(*Cell)) Cell {
		c := Cell{Before: before, After: after, Dialogue: privatepostfix.Dialogue{Port: port}}
		c.Letter = rules.Letter{Port: port, Client: rules.Stranger, SenderIs: rules.Hosted, RecipientIs: rules.Known}
		if change != nil {
			change(&c)
		}
		return c
	}
	row := func(who, sender, to string, fields ...string) []GridRow { return []GridRow{{who, sender, to, fields}} }
	logged := func(c *Cell) { c.Ruling.Warned = true }
	for sentence, c := range map[string]struct {
		cells []Cell
		want  []GridRow
	}{
		"one answer for each port":                                 {[]Cell{cell(25, ok, denied, nil)}, row("stranger", "yours", "inside", "ok → 554", "")},
		"the same as today is said once":                           {[]Cell{cell(25, denied, denied, nil)}, row("stranger", "yours", "inside", "554", "")},
		"465 and 587 are one where they can":                       {[]Cell{cell(465, ok, denied, nil), cell(587, ok, denied, nil)}, row("stranger", "yours", "inside", "", "ok → 554")},
		"and two where they differ":                                {[]Cell{cell(465, ok, denied, nil), cell(587, ok, ok, nil)}, row("stranger", "yours", "inside", "", "ok → 554", "ok")},
		"what warn logs":                                           {[]Cell{cell(25, ok, ok, logged)}, row("stranger", "yours", "inside", "ok → log", "")},
		"what warn cannot log is not logged":                       {[]Cell{cell(25, ok, ok, func(c *Cell) { logged(c); c.Unlogged = true })}, row("stranger", "yours", "inside", "ok", "")},
		"most of several answers":                                  {[]Cell{cell(25, ok, denied, nil), cell(25, ok, ok, nil), cell(25, ok, denied, nil)}, row("stranger", "yours", "inside", "ok → 554*", "")},
		"an account that may not send":                             {[]Cell{cell(25, ok, denied, func(c *Cell) { c.Letter.Suspended = true })}, row("suspended account", "yours", "inside", "ok → 554", "")},
		"a protected recipient":                                    {[]Cell{cell(25, ok, denied, func(c *Cell) { c.Letter.Guard = rules.Insiders })}, row("stranger", "yours", "protected", "ok → 554", "")},
		"who logs in, with an own sender":                          {[]Cell{cell(587, ok, ok, func(c *Cell) { c.Dialogue.Login, c.Letter.Owner = "boss", rules.TheLogin })}, row("logged in", "its own", "inside", "", "ok")},
		"a table of the administrator is left out":                 {[]Cell{cell(25, ok, denied, func(c *Cell) { c.OfTable = true })}, nil},
		"an unknown recipient is left out, and mail to postmaster": {[]Cell{cell(25, ok, denied, func(c *Cell) { c.Letter.RecipientIs = rules.Unknown })}, nil},
	} {
		t.Run(sentence, func(t *testing.T) {
			assert.Equal(t, c.want, (&Matrix{Cells: c.cells}).Grid().Rows)
		})
	}
}

func TestAGridWithoutAnswersIsForetoldByTheRules(t *testing.T) {
	modes := map[string]plan.Mode{"sender-spoofing": plan.Enforce}
	cell := func(sender rules.Sender, recipient rules.Recipient) Cell {
		l := rules.Letter{Port: 25, Client: rules.Stranger, SenderIs: sender, RecipientIs: recipient}
		c := Cell{Dialogue: privatepostfix.Dialogue{Port: 25}, Letter: l, Today: l}
		c.Ruled, c.Ruling = rules.Judge(nil, l), rules.Judge(modes, l)
		return c
	}
	m := Matrix{Foreseen: true, Cells: []Cell{
		cell(rules.Hosted, rules.Known), cell(rules.Foreign, rules.Known), cell(rules.Foreign, rules.Elsewhere),
	}}
	var fields [][]string
	for _, row := range m.Grid().Rows {
		fields = append(fields, append([]string{row.Sender, row.To}, row.Fields...))
	}
	assert.ElementsMatch(t, [][]string{
		{"yours", "inside", "ok → 554", ""}, {"foreign", "inside", "ok", ""}, {"foreign", "outside", "no", ""},
	}, fields)
}
