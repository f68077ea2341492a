package report

import (
	"fmt"
	"slices"
	"strings"

	"ucs-harden/internal/plural"
	"ucs-harden/plan"
)

const (
	// mostAlike is how many findings of a kind are shown one by one. Of more, the first is shown, and what the others are
	// about.
	mostAlike = 3
	// mostNamed is how many of the others are named, unless they are errors.
	mostNamed = 5
)

// findings writes what is wrong or risky, and what to do about it. Many findings of a kind are one.
func (s *sheet) findings(all []plan.Finding) {
	for i, group := range alike(all) {
		if i == 0 {
			s.title("Findings")
		}
		if len(group) <= mostAlike {
			for _, f := range group {
				s.finding(f, f.ID, "")
			}
			continue
		}
		named := 1 + mostNamed
		if group[0].Severity == plan.Error {
			named = len(group) // each stops an apply
		}
		var others []string
		for _, f := range group[1:min(len(group), named)] {
			others = append(others, f.About())
		}
		also := strings.Join(others, ", ")
		if len(group) > named {
			also += fmt.Sprintf(", and %d more (--json has all)", len(group)-named)
		}
		s.finding(group[0], fmt.Sprintf("%s, %d times, such as %s", group[0].Kind(), len(group), group[0].ID), also)
	}
}

// alike puts findings of the same kind and severity together, the worst first.
func alike(all []plan.Finding) (groups [][]plan.Finding) {
	at := map[string]int{}
	for _, f := range all {
		kind := f.Kind() + " " + string(f.Severity)
		n, known := at[kind]
		if !known {
			n, at[kind] = len(groups), len(groups)
			groups = append(groups, nil)
		}
		groups[n] = append(groups[n], f)
	}
	order := []plan.Severity{plan.Error, plan.Warning, plan.Note}
	slices.SortStableFunc(groups, func(a, b []plan.Finding) int {
		return slices.Index(order, a[0].Severity) - slices.Index(order, b[0].Severity)
	})
	return groups
}

var severityColors = map[plan.Severity]string{plan.Error: red, plan.Warning: yellow}

func (s *sheet) finding(f plan.Finding, title, also string) {
	const indent = "           "
	s.hang("  "+s.paint(severityColors[f.Severity], fmt.Sprintf("%-7s", f.Severity))+"  ", plain(title))
	// What follows the first line of a text is a diff, whose lines stay as they are.
	text, diff, _ := strings.Cut(PlainLines(f.Text), "\n")
	s.hang(indent, text)
	if diff != "" {
		s.line("%s%s", indent, strings.ReplaceAll(diff, "\n", "\n"+indent))
	}
	if also != "" {
		s.hang(indent+"also: ", PlainLines(also))
	}
	s.advise(indent+"hint: ", PlainLines(f.Hint))
	if f.Severity == plan.Error && f.Acceptable {
		s.advise(indent+"to go on all the same: ", "--accept "+plan.Quote(f.ID))
	}
}

// advise writes a lead and what to do. A command that does not fit behind the lead has a line of its own, so that it can
// be copied.
func (s *sheet) advise(lead, text string) {
	word, _, _ := strings.Cut(text, " ")
	command := slices.Contains([]string{"ucr", "ucs-harden", "postfix", "--accept"}, word)
	if !command || visible(lead)+visible(text) <= s.width() {
		s.hang(lead, text)
		return
	}
	s.line("%s", strings.TrimRight(lead, " "))
	s.hang("  ", text)
}

// findingsBrief writes a line or two for each kind of finding.
func (s *sheet) findingsBrief(all []plan.Finding) {
	groups := alike(all)
	for i, group := range groups[:min(len(groups), mostShown)] {
		if i == 0 {
			s.title("Findings")
		}
		f := group[0]
		title := plain(f.ID)
		if len(group) > 1 {
			title = fmt.Sprintf("%s, %d times", plain(f.Kind()), len(group))
		}
		text, _, _ := strings.Cut(f.Text, "\n")
		text = strings.TrimSuffix(text, ":")
		s.hang("  "+s.paint(severityColors[f.Severity], fmt.Sprintf("%-7s", f.Severity))+"  ", title+": "+PlainLines(text))
	}
	if more := len(groups) - mostShown; more > 0 {
		s.line("  … and %s", plural.Count(more, "more kind", "more kinds"))
	}
	if len(groups) > 0 {
		s.line("  What to do about each: ucs-harden plan")
	}
}
