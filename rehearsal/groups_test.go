package rehearsal

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"ucs-harden/privatepostfix"
	"ucs-harden/rules"
)

func TestGroups(t *testing.T) {
	ok := privatepostfix.Reply{Code: 250, Enhanced: "2.1.5"}
	denied := privatepostfix.Reply{Code: 554, Enhanced: "5.7.1"}
	unknown := privatepostfix.Reply{Code: 550, Enhanced: "5.1.1"}
	cell := func(port int, rule string, before, after privatepostfix.Reply, o Outcome) Cell {
		c := Cell{Dialogue: privatepostfix.Dialogue{Port: port}, Before: before, After: after, Outcome: o}
		c.Ruling = rules.Ruling{Rule: rules.Rule{Name: rule, Effect: rules.Refuse}}
		return c
	}
	m := &Matrix{Cells: []Cell{
		cell(587, "a", ok, denied, Outcome{}),
		cell(25, "a", ok, denied, Outcome{}),
		cell(465, "a", ok, denied, Outcome{Unlogged: true}),
		cell(25, "b", ok, denied, Outcome{}),
		cell(25, "a", unknown, denied, Outcome{}),
		cell(25, "a", denied, ok, Outcome{}),
		cell(25, "a", ok, ok, Outcome{}),
		cell(25, "a", ok, denied, Outcome{Explained: true}),
		cell(25, "a", unknown, denied, Outcome{Explained: true, Unlogged: true}),
		cell(25, "a", ok, unknown, Outcome{Wrong: true}),
		cell(25, "relay", denied, ok, Outcome{Wrong: true}), // for strangers: the worst
	}}
	for sentence, c := range map[string]struct {
		topic Topic
		want  []Group
	}{
		"by rule, and by the kind of port":              {NowRefused, []Group{{[]Cell{m.Cells[0], m.Cells[2]}, []string{"465", "587"}}, {m.Cells[1:2], []string{"25"}}, {m.Cells[3:4], []string{"25"}}}},
		"accepted by the plan":                          {NowAccepted, []Group{{m.Cells[5:6], []string{"25"}}}},
		"another code":                                  {OtherCode, []Group{{m.Cells[4:5], []string{"25"}}}},
		"what is explained, whatever it is today":       {Explained, []Group{{m.Cells[7:9], []string{"25"}}}},
		"not logged, and not explained":                 {NotLogged, []Group{{m.Cells[2:3], []string{"465"}}}},
		"what is wrong is in no other, the worst first": {Wrong, []Group{{m.Cells[10:11], []string{"25"}}, {m.Cells[9:10], []string{"25"}}}},
	} {
		t.Run(sentence, func(t *testing.T) {
			assert.Equal(t, c.want, m.Groups(c.topic))
		})
	}
	assert.Equal(t, m.Cells[10], m.Groups(Wrong)[0].Example())
	assert.Empty(t, (&Matrix{Cells: m.Cells[6:7]}).Groups(NowAccepted))
}

func TestWaysIn(t *testing.T) {
	at := func(client, access string) Cell { return Cell{Words: Words{Client: client, Access: access}} }
	m := &Matrix{Cells: []Cell{at("a", "port 25"), at("a", "port 587"), at("b", "port 25"), at("a", "port 25")}}
	assert.Equal(t, []WayIn{
		{"a", "port 25", []Cell{m.Cells[0], m.Cells[3]}},
		{"a", "port 587", m.Cells[1:2]},
		{"b", "port 25", m.Cells[2:3]},
	}, m.WaysIn())
}

func TestCountsInOneLine(t *testing.T) {
	for want, n := range map[string]Counts{
		"1 test message: 1 answered differently, none unexpectedly.":                                     {Cells: 1, Differences: 1},
		"12 test messages: 8 answered differently, 2 unexpectedly, 1 explained, 3 that warn cannot log.": {Cells: 12, Differences: 8, Wrong: 2, Explained: 1, Unlogged: 3},
	} {
		assert.Equal(t, want, n.String())
	}
}
