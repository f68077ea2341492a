package page

import (
	"html/template"
	"maps"
	"slices"

	"ucs-harden/evidence"
	"ucs-harden/plan"
	"ucs-harden/report"
)

// How many groups the page shows: as cards, as rows of the table. The others are summed up.
const (
	mostCards = 60
	mostRows  = 250
)

// model is what the template shows.
type model struct {
	View
	Policy template.HTMLAttr
	Style  template.CSS
	Script template.JS

	Replay    bool
	Answer    string // the words after the question
	Because   string
	Figures   []figure
	Readiness []readiness
	Chart     chart
	ByControl []ownRow
	Lines     chart
	Cards     []card
	MoreCards int
	Rows      []row
	Rest      []sum
	Matrix    matrix
	Missing   []string
	Cannot    []count
}

// figure is a number of the first lines.
type figure struct {
	Number string
	Words  string
}

// readiness is a control with links to its open groups.
type readiness struct {
	evidence.Readiness
	Pattern int
	State   string // enforced, yes, no or free
	// Percent is how much of the time that is needed is covered, at most 100.
	Percent int
	Links   []link
	More    int
}

// link leads to a card.
type link struct{ Anchor, Text string }

// row is a group in the table of all.
type row struct {
	evidence.Group
	Pattern int
	State   string
	Anchor  string
}

// sum is what groups that are not shown have in common.
type sum struct {
	Control string
	Pattern int
	Verdict evidence.Verdict
	Groups  int64
	Letters int64
}

type count struct {
	Number int64
	Text   string
}

// drawn are the controls in the order in which bars are stacked; the place is the number of the pattern.
var drawn = []string{
	"sender-spoofing", "submission", "relay", "foreign-sender", "suspended", "local-only", "protected",
}

// neutral is the pattern of what is no control.
var neutral = len(drawn)

// pattern is the number of the pattern of a control.
func pattern(control string) int {
	if n := slices.Index(drawn, control); n >= 0 {
		return n
	}
	return neutral
}

func (v View) model() model {
	r := v.Report
	m := model{
		View: v, Replay: r.Source == evidence.FromReplay,
		Policy: template.HTMLAttr(`content="` + policy() + `"`), Style: template.CSS(asset("style.css")), Script: template.JS(asset("sort.js")),
		Chart: v.perDay(), Lines: v.linesPerDay(), Matrix: v.matrix(), Missing: report.Missing(r.Coverage, v.say),
	}
	m.ByControl = m.Chart.rows()
	links := m.groups(r)
	m.controls(r, links)
	m.answer(r)
	for _, why := range slices.SortedFunc(maps.Keys(r.CannotTell), func(a, b string) int {
		return int(r.CannotTell[b] - r.CannotTell[a])
	}) {
		m.Cannot = append(m.Cannot, count{r.CannotTell[why], why})
	}
	return m
}

// answer says whether everything may be enforced, with the most important numbers.
func (m *model) answer(r *evidence.Report) {
	var open, openLetters, forged, waiting int64
	for _, g := range r.Groups {
		switch {
		case g.Open:
			open++
			openLetters += g.Count
		case g.Verdict == evidence.Forged:
			forged += g.Count
		}
	}
	for _, c := range m.Readiness {
		if c.State == "no" {
			waiting++
		}
	}
	switch {
	case open > 0:
		m.Answer, m.Because = "Not yet.", "Some of the mail that enforce would refuse looks legitimate. Look at these groups first."
	case waiting > 0:
		m.Answer, m.Because = "Not yet.", "Nothing speaks against it so far, but the log does not yet cover enough."
	case r.Coverage.From.IsZero() && len(r.Groups) == 0:
		m.Answer, m.Because = "Not known.", "No log was read."
	default:
		m.Answer, m.Because = "Yes.", "Nothing in the log speaks against it."
	}
	first, last := report.Span(r)
	days := int64(0)
	if !first.IsZero() {
		days = int64(last.Sub(first).Hours()/24) + 1
	}
	m.Figures = []figure{
		{m.number(open), "open groups"}, {m.number(openLetters), "letters in open groups"},
		{m.number(forged), "forged letters"}, {m.number(days), "days of log"},
	}
}

// controls makes the lines of readiness. links lead to the cards, by the ID of the group.
func (m *model) controls(r *evidence.Report, links map[string]link) {
	const mostLinks = 5
	for _, c := range r.Controls {
		line := readiness{Readiness: c, Pattern: pattern(c.Control), State: "no"}
		switch {
		case c.Running == plan.Enforce:
			line.State = "enforced"
		case !c.Gated:
			line.State = "free"
		case c.Ready:
			line.State = "yes"
		}
		if c.MinDays > 0 {
			line.Percent = int(min(100, 100*c.Days/c.MinDays))
		}
		for _, id := range c.Open {
			if l, shown := links[id]; shown && len(line.Links) < mostLinks {
				line.Links = append(line.Links, l)
			}
		}
		line.More = len(c.Open) - len(line.Links)
		m.Readiness = append(m.Readiness, line)
	}
}
