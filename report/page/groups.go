package page

import (
	"cmp"
	"fmt"
	"slices"

	"ucs-harden/evidence"
	"ucs-harden/report"
)

// card is an open group with all that is to be done about it.
type card struct {
	evidence.Group
	Pattern int
	Anchor  string
	Sample  *evidence.Sample
	Spark   spark
	Fixes   []fix
	Accept  string
}

// fix is a fix with its commands as a shell takes them.
type fix struct {
	evidence.Fix
	Lines []string
}

// groups makes the cards, the rows and the sums, and gives the links to the cards by the ID of the group.
func (m *model) groups(r *evidence.Report) map[string]link {
	links := map[string]link{}
	rest := map[sum]*sum{}
	for i, g := range r.Groups {
		anchor := ""
		switch {
		case g.Open && len(m.Cards) < mostCards:
			c := m.card(g, fmt.Sprintf("g%d", i+1))
			anchor, links[g.ID] = c.Anchor, link{c.Anchor, m.text(g)}
			m.Cards = append(m.Cards, c)
		case g.Open:
			m.MoreCards++
		}
		if len(m.Rows) < mostRows {
			m.Rows = append(m.Rows, row{Group: g, Pattern: pattern(g.Control), State: state(g), Anchor: anchor})
			continue
		}
		key := sum{Control: g.Control, Verdict: g.Verdict}
		if rest[key] == nil {
			rest[key] = &sum{Control: g.Control, Verdict: g.Verdict, Pattern: pattern(g.Control)}
		}
		rest[key].Groups++
		rest[key].Letters += g.Count
	}
	for _, s := range rest {
		m.Rest = append(m.Rest, *s)
	}
	slices.SortFunc(m.Rest, func(a, b sum) int {
		return cmp.Or(cmp.Compare(b.Letters, a.Letters), cmp.Compare(a.Control, b.Control), cmp.Compare(a.Verdict, b.Verdict))
	})
	return links
}

// text names a group among those of its control.
func (m *model) text(g evidence.Group) string {
	if g.From == "" {
		return m.say("somebody")
	}
	return g.From
}

func (m *model) card(g evidence.Group, anchor string) card {
	c := card{Group: g, Pattern: pattern(g.Control), Anchor: anchor, Spark: m.spark(g)}
	if len(g.Samples) > 0 {
		c.Sample = &g.Samples[0]
	}
	for _, f := range g.Fixes {
		lines := make([]string, len(f.Commands))
		for n, argv := range f.Commands {
			lines[n] = report.CommandLine(argv)
		}
		c.Fixes = append(c.Fixes, fix{f, lines})
	}
	c.Accept = report.CommandLine([]string{"--accept", "evidence:" + g.ID})
	return c
}

// state is what became of a group, in one word of the page.
func state(g evidence.Group) string {
	switch {
	case g.Open && !g.Reopened.IsZero():
		return "reopened"
	case g.Open:
		return "open"
	case g.Accepted != nil:
		return "accepted"
	case g.Fixed:
		return "fixed"
	}
	return "nothing to do"
}
