package report

import (
	"fmt"
	"io"

	"ucs-harden/evidence"
	"ucs-harden/plan"
)

// Replay writes what a plan would have done with past letters: the counts, then the groups of what it would refuse, as in
// Evidence. ask is false when no private Postfix was asked.
func Replay(w io.Writer, r *evidence.Report, ask bool, style Style) error {
	s := &sheet{w: w, Style: style}
	if c := r.Replayed; c != nil {
		s.replayed(*c, ask)
	}
	if s.err != nil {
		return s.err
	}
	return Evidence(w, r, style)
}

func (s *sheet) replayed(c evidence.Replayed, ask bool) {
	s.hang("", s.paint(bold, fmt.Sprintf("Past mail against %s: %s, counted by recipient.", against(c.Mode), letters(c.Letters))))
	count := func(n int64) string { return Thousands(n) }
	refused := count(c.Refused)
	if c.Refused > 0 {
		refused = s.paint(yellow, refused)
	}
	rows := [][]string{{"would be refused", refused, ""}}
	if c.RefusedToday > 0 {
		rows = append(rows, []string{"refused today as well", count(c.RefusedToday), ""})
	}
	rows = append(rows, []string{"unchanged", count(c.Unchanged), unchangedOf(c)})
	if c.CannotTell > 0 {
		rows = append(rows, []string{"cannot tell", s.paint(yellow, count(c.CannotTell)), "the log does not show enough, see below"})
	}
	s.table(columns{indent: "  ", whole: 2}, rows)
	switch {
	case c.Asked > 0 && c.Explained > 0:
		s.hang("", fmt.Sprintf("A private Postfix was asked about %d distinct cases. It agrees; in %d of them another check decides.", c.Asked, c.Explained))
	case c.Asked > 0:
		s.hang("", fmt.Sprintf("A private Postfix was asked about %d distinct cases. It agrees.", c.Asked))
	case !ask:
		s.hang("", "No private Postfix was asked: these are the answers of the rules alone.")
	}
	s.line("")
}

func against(m plan.Mode) string {
	if m == "" {
		return "the modes in the registry"
	}
	return "mode " + string(m)
}

// unchangedOf says what the letters are that stay as they were.
func unchangedOf(c evidence.Replayed) string {
	switch {
	case c.RefusedThen > 0 && c.Local > 0:
		return fmt.Sprintf("%s of them were refused then, %s came from this machine", Thousands(c.RefusedThen), Thousands(c.Local))
	case c.RefusedThen > 0:
		return fmt.Sprintf("%s of them were refused then", Thousands(c.RefusedThen))
	case c.Local > 0:
		return fmt.Sprintf("%s of them came from this machine", Thousands(c.Local))
	}
	return ""
}
