package report

import (
	"fmt"
	"io"
	"strings"

	"ucs-harden/evidence"
	"ucs-harden/internal/plural"
	"ucs-harden/plan"
)

// mostOpen is how many open groups are shown unless all are asked for.
const mostOpen = 20

// Evidence writes what the log says about enforcing: first the answer for each control, then the groups that the gate asks
// about, each with what to do, then the rest in short, the exceptions, and what the log covers. With Full, every group.
func Evidence(w io.Writer, r *evidence.Report, style Style) error {
	s := &sheet{w: w, Style: style}
	s.answer(r)
	s.readiness(r.Controls)
	s.openGroups(r)
	s.settledGroups(r)
	s.forged(r)
	s.perDay(r)
	s.exceptionUses(r.Exceptions)
	s.coverage(r)
	return s.err
}

// answer is the first line.
func (s *sheet) answer(r *evidence.Report) {
	open := Open(r)
	var waiting []string
	for _, c := range r.Controls {
		if c.Gated && !c.Ready {
			waiting = append(waiting, about(c))
		}
	}
	what := "May I enforce?"
	if r.Source == evidence.FromReplay {
		what = "May I enforce, by past mail?"
	}
	switch {
	case open > 0:
		answer := fmt.Sprintf("Not yet: %s of mail that looks legitimate.", plural.Count(open, "open group", "open groups"))
		s.hang("", s.paint(bold, what+" "+answer))
	case len(waiting) > 0:
		s.hang("", s.paint(bold, what+" Not yet: the evidence does not suffice for "+plain(strings.Join(waiting, ", "))+"."))
	case r.Coverage.From.IsZero() && len(r.Groups) == 0:
		s.hang("", s.paint(bold, what+" Not known: nothing was read."))
	default:
		s.hang("", s.paint(bold, what+" Yes: nothing in the log speaks against it."))
	}
}

// Open counts the groups that the gate asks about.
func Open(r *evidence.Report) (n int) {
	for _, g := range r.Groups {
		if g.Open {
			n++
		}
	}
	return n
}

// about is a control, or a domain with a mode of its own.
func about(c evidence.Readiness) string {
	if c.Domain != "" {
		return c.Control + " for " + c.Domain
	}
	return c.Control
}

// readiness writes a line for each control.
func (s *sheet) readiness(all []evidence.Readiness) {
	if len(all) == 0 {
		return
	}
	s.line("")
	rows := [][]string{}
	for _, c := range all {
		rows = append(rows, []string{plain(about(c)), s.mayEnforce(c), PlainLines(why(c))})
	}
	s.table(columns{indent: "  ", whole: 1}, rows)
}

func (s *sheet) mayEnforce(c evidence.Readiness) string {
	switch {
	case c.Running == plan.Enforce:
		return s.paint(green, "enforced")
	case !c.Gated:
		return s.paint(green, "yes")
	case c.Ready:
		return s.paint(green, "yes")
	}
	return s.paint(yellow, "not yet")
}

// why are the reasons for the answer about a control.
func why(c evidence.Readiness) string {
	if !c.Gated {
		return "needs no evidence"
	}
	var parts []string
	if n := len(c.Open); n > 0 {
		parts = append(parts, plural.Count(n, "open group", "open groups"))
	}
	for _, missing := range c.Missing {
		parts = append(parts, missing.String())
	}
	if c.By != "" && (c.Ready || len(c.Missing) == 0) {
		parts = append(parts, fmt.Sprintf("%s days of %s, %s needed", Days(c.Days), c.By, Days(c.MinDays)))
	}
	if len(parts) == 0 {
		return "no evidence"
	}
	return strings.Join(parts, "; ")
}

// Days is a number of days with at most one digit behind the point.
func Days(days float64) string {
	return strings.TrimSuffix(fmt.Sprintf("%.1f", days), ".0")
}
