package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"ucs-harden/evidence"
	"ucs-harden/internal/plural"
	"ucs-harden/plan"
)

// openGroups writes what the gate asks about: who, how many, since when, why, and what to do.
func (s *sheet) openGroups(r *evidence.Report) {
	var open []evidence.Group
	for _, g := range r.Groups {
		if g.Open {
			open = append(open, g)
		}
	}
	if len(open) == 0 {
		return
	}
	s.title("Open groups: they look legitimate, and enforce would refuse them")
	shown := len(open)
	if !s.Full {
		shown = min(shown, mostOpen)
	}
	for i, g := range open[:shown] {
		if i > 0 {
			s.line("")
		}
		s.group(r, g)
	}
	if more := len(open) - shown; more > 0 {
		s.line("")
		s.line("  … and %s (--all shows them)", plural.Count(more, "more open group", "more open groups"))
	}
}

const groupIndent = "          "

// group writes one group.
func (s *sheet) group(r *evidence.Report, g evidence.Group) {
	s.hang(fmt.Sprintf("%8s  ", Thousands(g.Count)), s.paint(bold, plain(subject(g)))+", "+plain(g.Control))
	s.line("%s%s", groupIndent, strings.TrimRight(Sparkline(Timeline(r, g, maxSpark))+"  "+span(g), " "))
	s.hang(groupIndent, s.paint(yellow, string(g.Verdict))+": "+PlainLines(g.Reason.String()))
	if !g.Reopened.IsZero() {
		s.hang(groupIndent, "reopened: "+PlainLines(g.Reopened.String()))
	}
	if g.Cleared {
		s.hang(groupIndent, "today's rules speak of none of them any more; the group closes when newer log shows it")
	}
	if len(g.Samples) > 0 {
		s.hang(groupIndent+"such as ", letter(g.Samples[0]))
	}
	for _, f := range g.Fixes {
		s.fix(f)
	}
	s.copied("accept: ", "--accept "+plan.Quote("evidence:"+g.ID))
}

// fix writes a fix with its proof.
func (s *sheet) fix(f evidence.Fix) {
	lead := "do:     "
	if f.Exception {
		lead = "or:     "
	}
	s.hang(groupIndent+lead, PlainLines(f.Text.String()))
	for _, argv := range f.Commands {
		s.copied("        ", CommandLine(argv))
	}
	if len(f.Commands) > 0 {
		s.hang(groupIndent+"        ", PlainLines(Proof(f)))
	}
	if !f.Risk.IsZero() {
		s.hang(groupIndent+"        "+s.paint(yellow, "risky:")+" ", PlainLines(f.Risk.String()))
	}
}

// copied writes a command that somebody will copy. On a narrow terminal it has lines of its own, which are one command
// for a shell.
func (s *sheet) copied(lead, command string) {
	command = PlainLines(strings.ReplaceAll(command, "\n", "\uFFFD"))
	if full := groupIndent + lead + command; s.Width == 0 || visible(full) <= s.Width {
		s.line("%s", full)
		return
	}
	if strings.TrimSpace(lead) != "" {
		s.line("%s%s", groupIndent, strings.TrimRight(lead, " "))
	}
	for _, l := range continued(command, s.Width) {
		s.line("%s", l)
	}
}

// continued breaks a command line at its blanks into lines of so many columns. A backslash at the end of a line continues
// it. Within a quoted word, the quotation ends before the backslash and begins anew in the next line.
func continued(command string, width int) (lines []string) {
	line, quoted := " ", false
	for word := range strings.SplitSeq(command, " ") {
		if end := " \\"; len(line) > 1 && visible(line)+1+visible(word)+len("' \\") > width {
			next := "  "
			if quoted {
				end, next = " '\\", "'"
			}
			lines = append(lines, line+end)
			line = next + word
		} else {
			line += " " + word
		}
		quoted = quoted != (strings.Count(strings.ReplaceAll(word, `\'`, ""), "'")%2 == 1)
	}
	return append(lines, line)
}

// CommandLine is a command as a shell takes it.
func CommandLine(argv []string) string {
	words := make([]string, len(argv))
	for i, word := range argv {
		words[i] = plan.Quote(word)
	}
	return strings.Join(words, " ")
}

// Proof says what a fix does to the letters of its group.
func Proof(f evidence.Fix) string {
	text := fmt.Sprintf("clears %s of %s", Thousands(f.Clears), Thousands(f.Of))
	if !f.Admits.IsZero() {
		text += "; also admits " + f.Admits.String()
	}
	return text
}

// subject is what a group is about, in words.
func subject(g evidence.Group) string {
	of := func(word, none string) string {
		if word == "" {
			return none
		}
		return word
	}
	if g.Control == "protected" {
		return of(g.From, "somebody") + " to " + of(g.Domain, "a protected address")
	}
	return of(g.From, "somebody") + " as " + of(g.Domain, "a foreign sender")
}

// letter is one letter in a line.
func letter(l evidence.Sample) string {
	client := l.ClientText()
	if l.ClientName != "" {
		client = l.ClientName + "[" + client + "]"
	}
	text := fmt.Sprintf("<%s> to <%s> from %s", l.Sender, l.Recipient, client)
	if l.Port != 0 {
		text += fmt.Sprintf(", port %d", l.Port)
	}
	if l.Login != "" {
		text += ", login " + l.Login
	}
	return PlainLines(strings.ReplaceAll(text, "\n", "\uFFFD"))
}

// span is since when a group is seen.
func span(g evidence.Group) string {
	first, last := dayOf(g.First), dayOf(g.Last)
	if first == last {
		return first
	}
	return first + " to " + last
}

func dayOf(t time.Time) string { return t.Local().Format(time.DateOnly) }

// settledGroups writes the groups with a sign of legitimacy that the gate does not ask about: accepted or fixed ones.
func (s *sheet) settledGroups(r *evidence.Report) {
	rows := [][]string{}
	for _, g := range r.Groups {
		switch {
		case g.Open:
		case g.Accepted != nil:
			said := fmt.Sprintf("accepted by %s on %s, then %s letters", g.Accepted.By, dayOf(g.Accepted.At), Thousands(g.Accepted.Count))
			rows = append(rows, []string{Thousands(g.Count), plain(g.ID), PlainLines(said)})
		case g.Fixed:
			rows = append(rows, []string{Thousands(g.Count), plain(g.ID), "fixed: newer log shows none"})
		case g.Verdict.Positive():
			rows = append(rows, []string{Thousands(g.Count), plain(g.ID), string(g.Verdict)})
		}
	}
	if len(rows) == 0 {
		return
	}
	s.title("Settled")
	shown := len(rows)
	if !s.Full {
		shown = min(shown, mostOpen)
	}
	s.table(columns{indent: "  ", whole: 1}, rightAligned(rows[:shown]))
	if more := len(rows) - shown; more > 0 {
		s.line("  … and %d more (--all shows them)", more)
	}
}

// rightAligned puts the first cells of rows below each other by their ends.
func rightAligned(rows [][]string) [][]string {
	width := 0
	for _, r := range rows {
		width = max(width, visible(r[0]))
	}
	for _, r := range rows {
		r[0] = strings.Repeat(" ", width-visible(r[0])) + r[0]
	}
	return rows
}

// forged writes all forged groups in one line, with the busiest; with Full, a line for each as well.
func (s *sheet) forged(r *evidence.Report) {
	var forged []evidence.Group
	var letters int64
	for _, g := range r.Groups {
		if g.Verdict == evidence.Forged {
			forged = append(forged, g)
			letters += g.Count
		}
	}
	if len(forged) == 0 {
		return
	}
	slices.SortStableFunc(forged, func(a, b evidence.Group) int { return cmp.Compare(b.Count, a.Count) })
	var busiest []string
	for _, g := range forged[:min(len(forged), 3)] {
		busiest = append(busiest, fmt.Sprintf("%s (%s)", plain(g.From), Thousands(g.Count)))
	}
	s.title("Forged: no sign of legitimacy, and nothing to do")
	s.hang(fmt.Sprintf("%8s  ", Thousands(letters)), fmt.Sprintf("letters in %s, most from %s",
		plural.Count(len(forged), "group", "groups"), strings.Join(busiest, ", ")))
	if !s.Full || len(forged) == 1 {
		return
	}
	rows := [][]string{}
	for _, g := range forged {
		rows = append(rows, []string{Thousands(g.Count), plain(g.ID), span(g)})
	}
	s.table(columns{indent: "  ", whole: 1}, rightAligned(rows))
}
