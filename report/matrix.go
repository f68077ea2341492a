package report

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"ucs-harden/mastercf"
	"ucs-harden/privatepostfix"
	"ucs-harden/rehearsal"
)

// Matrix writes a rehearsal for people: where the answers differ from today's,
// letters of which the same is to say together, with one of them; or, in full,
// every letter. Then what is to know about it, and last what is wrong.
func Matrix(w io.Writer, m *rehearsal.Matrix, style Style) error {
	s := &sheet{w: w, Style: style}
	if style.Full {
		s.letters(m.Cells)
	} else {
		for _, title := range titles {
			told := where(m.Cells, func(c rehearsal.Cell) bool { return difference(c) == title })
			s.groups(title, grouped(told, rehearsal.Cell.Differs))
		}
	}
	s.remarks(m)
	s.wrong(m)
	s.line("")
	s.line("%s", s.paint(bold, MatrixSummary(m.Count())))
	return s.err
}

// MatrixPassed writes what an administrator must know of a rehearsal in which
// nothing is wrong.
func MatrixPassed(w io.Writer, m *rehearsal.Matrix, style Style) error {
	s := &sheet{w: w, Style: style}
	if s.remarks(m) {
		s.line("")
	}
	s.line("%s", MatrixSummary(m.Count()))
	return s.err
}

// MatrixWrong writes what is wrong, with a dialogue of each kind.
func MatrixWrong(w io.Writer, m *rehearsal.Matrix, style Style) error {
	s := &sheet{w: w, Style: style}
	s.wrong(m)
	return s.err
}

// What becomes of letters, in the order of a report.
const (
	nowRefused  = "Accepted today, refused by the plan:"
	nowAccepted = "Refused today, accepted by the plan:"
	otherWords  = "Refused today and by the plan, with another code:"
	explained   = "Not as the controls have it, but not the plan's doing:"
	unlogged    = "Not logged by warn, since something permits it first:"
)

var titles = []string{nowRefused, nowAccepted, otherWords}

// difference is the title for a letter, "" when there is nothing to tell or it
// is told elsewhere.
func difference(c rehearsal.Cell) string {
	switch {
	case c.Wrong || c.Explained || !c.Differs():
		return ""
	case c.Before.Accepted():
		return nowRefused
	case c.After.Accepted():
		return nowAccepted
	}
	return otherWords
}

func where(cells []rehearsal.Cell, is func(rehearsal.Cell) bool) []rehearsal.Cell {
	return slices.DeleteFunc(slices.Clone(cells), func(c rehearsal.Cell) bool { return !is(c) })
}

// grouped puts letters together that the same rule decides on the same ports
// with the same answer; where it is to tell, after the same answer today.
func grouped(cells []rehearsal.Cell, today func(rehearsal.Cell) bool) [][]rehearsal.Cell {
	var groups [][]rehearsal.Cell
	at := map[string]int{}
	for _, c := range cells {
		key := fmt.Sprint(c.Dialogue.Port == 25, c.Ruling.Name, c.Ruled.Control, code(c.After))
		if today(c) {
			key += code(c.Before)
		}
		n, known := at[key]
		if !known {
			n, at[key] = len(groups), len(groups)
			groups = append(groups, nil)
		}
		groups[n] = append(groups[n], c)
	}
	return groups
}

func (s *sheet) groups(title string, groups [][]rehearsal.Cell) {
	if len(groups) == 0 {
		return
	}
	s.title(title)
	for _, g := range groups {
		s.folded("  ", fmt.Sprintf("%s: %s", lettersOn(g), g[0].Why))
		s.folded("      ", "such as "+g[0].String())
		s.line("      today %s, plan %s", code(g[0].Before), code(g[0].After))
	}
}

// folded writes text in lines that fit the narrowest terminals in use, as far as
// its words let it.
func (s *sheet) folded(indent, text string) {
	for _, l := range wrap(plainLines(text), 80-len(indent)) {
		s.line("%s%s", indent, l)
	}
}

// remarks are what is not as the controls have it, and notes. It says whether
// there are any.
func (s *sheet) remarks(m *rehearsal.Matrix) bool {
	never := func(rehearsal.Cell) bool { return false }
	odd := grouped(where(m.Cells, func(c rehearsal.Cell) bool { return c.Explained }), never)
	silent := grouped(where(m.Cells, func(c rehearsal.Cell) bool { return c.Unlogged && !c.Explained }), never)
	s.groups(explained, odd)
	s.groups(unlogged, silent)
	if len(m.Notes) > 0 {
		s.line("")
	}
	for _, note := range m.Notes {
		s.folded("", "note: "+note)
	}
	return len(odd)+len(silent)+len(m.Notes) > 0
}

// maxDialogues is how many kinds of wrong letters are shown with a dialogue.
const maxDialogues = 3

func (s *sheet) wrong(m *rehearsal.Matrix) {
	for n, g := range grouped(m.Wrong(), rehearsal.Cell.Differs) {
		c := g[0]
		s.title("Wrong, " + lettersOn(g) + ":")
		s.folded("  ", c.Why)
		s.folded("      ", "such as "+c.String())
		s.folded("      ", "wanted: "+c.Want)
		s.folded("      ", "today:  "+c.Before.String())
		s.folded("      ", "plan:   "+c.After.String())
		if n < maxDialogues {
			for _, l := range append(slices.Clone(c.After.Transcript), c.After.Log...) {
				s.line("        %s", plainLines(l))
			}
		}
	}
}

// lettersOn is "3 letters on port 465 and 587".
func lettersOn(cells []rehearsal.Cell) string {
	var ports []string
	for _, port := range mastercf.Ports {
		if slices.ContainsFunc(cells, func(c rehearsal.Cell) bool { return c.Dialogue.Port == port }) {
			ports = append(ports, fmt.Sprint(port))
		}
	}
	return fmt.Sprintf("%s on port %s", count(len(cells), "letter", "letters"), strings.Join(ports, " and "))
}

// code is the short form of a reply.
func code(r privatepostfix.Reply) string {
	if r.Code == 0 {
		return "none"
	}
	return strings.TrimSpace(fmt.Sprintf("%d %s", r.Code, r.Enhanced))
}

// MatrixSummary is a rehearsal in one line.
func MatrixSummary(n rehearsal.Counts) string {
	text := fmt.Sprintf("Rehearsed %s: %s than today, %d wrong", count(n.Cells, "letter", "letters"), count(n.Differences, "other answer", "other answers"), n.Wrong)
	if n.Explained > 0 {
		text += fmt.Sprintf(", %d explained", n.Explained)
	}
	if n.Unlogged > 0 {
		text += fmt.Sprintf(", %d that warn cannot log", n.Unlogged)
	}
	return text + "."
}
