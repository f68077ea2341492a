package report

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"ucs-harden/rehearsal"
)

// Matrix writes a rehearsal for people: where the answers differ from today's,
// or, in full, all of them; what is wrong comes last, with its dialogue.
func Matrix(w io.Writer, m *rehearsal.Matrix, style Style) error {
	s := &sheet{w: w, Style: style}
	cells := m.Differences()
	if style.Full {
		cells = m.Cells
	}
	if len(cells) > 0 {
		s.cells(cells)
	}
	for _, note := range m.Notes {
		s.line("note: %s", plainLines(note))
	}
	for _, c := range m.Cells {
		if c.Explained || c.Unlogged {
			s.line("note: %s: %s", c, plainLines(c.Why))
		}
	}
	for _, c := range m.Wrong() {
		s.title("Wrong: " + c.String())
		s.line("    wanted  %s", plainLines(c.Want))
		s.line("    today   %s", plainLines(c.Before.String()))
		s.line("    plan    %s", s.paint(red, plainLines(c.After.String())))
		s.line("    why     %s", plainLines(c.Why))
		for _, l := range append(c.After.Transcript, c.After.Log...) {
			s.line("        %s", plainLines(l))
		}
	}
	s.line("")
	s.line("%s", s.paint(bold, MatrixSummary(m.Count())))
	return s.err
}

// cells writes the table. Colour stands in the last column only, where it does
// not disturb the others.
func (s *sheet) cells(cells []rehearsal.Cell) {
	t := tabwriter.NewWriter(s.w, 0, 0, 2, ' ', 0)
	_, s.err = fmt.Fprintln(t, "CLIENT\tACCESS\tFROM\tTO\tTODAY\tPLAN\t")
	for _, c := range cells {
		verdict := s.paint(green, "as it should be")
		switch {
		case c.Wrong:
			verdict = s.paint(red, "WRONG")
		case c.Explained:
			verdict = s.paint(yellow, "explained below")
		}
		if c.Ruling.Reason != "" && !c.Wrong {
			verdict += ": " + c.Ruling.Reason
		}
		_, err := fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n", c.Words.Client, c.Words.Access, c.Words.Sender, c.Words.Recipient, code(c.Before), code(c.After), plainLines(verdict))
		if s.err == nil {
			s.err = err
		}
	}
	if err := t.Flush(); s.err == nil {
		s.err = err
	}
}

// code is the short form of a reply.
func code(r rehearsal.Reply) string {
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
