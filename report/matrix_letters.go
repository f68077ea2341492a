package report

import (
	"fmt"
	"text/tabwriter"

	"ucs-harden/rehearsal"
)

// letters writes every letter: a table for each client and way in. Colour
// stands in the last column only, where it does not disturb the others.
func (s *sheet) letters(m *rehearsal.Matrix) {
	for _, way := range m.WaysIn() {
		s.title(way.Client + ", " + way.Access + ":")
		s.table(way.Cells)
	}
}

func (s *sheet) table(cells []rehearsal.Cell) {
	t := tabwriter.NewWriter(s.w, 0, 0, 2, ' ', 0)
	row := func(format string, args ...any) {
		if s.err == nil {
			_, s.err = fmt.Fprintf(t, format, args...)
		}
	}
	row("  FROM\tTO\tTODAY\tPLAN\n")
	for _, c := range cells {
		row("  %s\t%s\t%s\t%s\t%s\n", c.Words.Sender, c.Words.Recipient, code(c.Before), code(c.After), s.verdict(c))
	}
	if err := t.Flush(); s.err == nil {
		s.err = err
	}
}

func (s *sheet) verdict(c rehearsal.Cell) string {
	switch {
	case c.Wrong:
		return s.paint(red, "WRONG")
	case c.Explained:
		return s.paint(yellow, "explained below")
	case c.Unlogged:
		return s.paint(yellow, "not logged, see below")
	case c.Ruling.Warned:
		return s.paint(green, "logged: "+plainLines(c.Ruling.Warning))
	case !c.Differs():
		return s.paint(green, "as today")
	}
	return s.paint(green, plainLines(c.Why))
}
