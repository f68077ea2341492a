package report

import "ucs-harden/rehearsal"

// letters writes every message: a table for each client and way in.
func (s *sheet) letters(m *rehearsal.Matrix) {
	for _, way := range m.WaysIn() {
		s.title(way.Client + ", " + way.Access + ":")
		rows := [][]string{{"FROM", "TO", "TODAY", "PLAN", ""}}
		for _, c := range way.Cells {
			rows = append(rows, []string{c.Words.Sender, c.Words.Recipient, code(c.Before), code(c.After), s.verdict(c)})
		}
		s.table(columns{indent: "  ", heading: true}, rows)
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
		return s.paint(green, "logged: "+PlainLines(c.Ruling.Warning))
	case !c.Differs():
		return s.paint(green, "as today")
	}
	return s.paint(green, PlainLines(c.Why))
}
