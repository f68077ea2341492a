package report

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"ucs-harden/evidence"
	"ucs-harden/history"
	"ucs-harden/internal/plural"
	"ucs-harden/plan"
	"ucs-harden/transaction"
)

// History writes the changes, oldest first: who made which change, when, and how it ended. Full names the variables and
// files of each.
func History(w io.Writer, changes []history.Change, style Style) error {
	s := &sheet{w: w, Style: style}
	if len(changes) == 0 {
		s.line("No changes yet.")
		return s.err
	}
	rows := [][]string{{"ID", "WHEN", "WHO", "MODE", "STATE"}}
	for _, c := range changes {
		rows = append(rows, []string{c.ID, when(c), cell(name(c.By)), cell(c.Modes), s.historyState(c)})
	}
	for i, line := range s.lay(columns{whole: 3}, rows) {
		if i == 0 {
			s.line("%s", s.paint(bold, line))
			continue
		}
		s.line("%s", line)
		s.change(changes[i-1])
	}
	return s.err
}

// change writes what stands below the line of a change.
func (s *sheet) change(c history.Change) {
	const indent = "    "
	if c.Damaged != "" {
		s.hang(indent, plain(c.Damaged))
	}
	if c.State != transaction.Applied && !c.Ended.IsZero() {
		s.hang(indent, string(c.State)+" "+ending(c))
	}
	if !s.Full {
		return
	}
	if c.By != "" {
		s.hang(indent+"by: ", plain(c.By))
	}
	if len(c.Controls) > 0 {
		s.hang(indent+"controls: ", modes(c.Controls))
	}
	for _, v := range append(slices.Clone(c.Variables), c.Files...) {
		s.hang(indent, plain(v))
	}
	if c.Rehearsal != "" {
		s.hang(indent+"rehearsal: ", plain(c.Rehearsal))
	}
	if e := c.Evidence; e != nil {
		s.hang(indent+"evidence: ", evidenceIn(e))
	}
	for _, id := range c.Accepted {
		s.hang(indent+"accepted: ", plain(id))
	}
}

// evidenceIn is what the mail log said when controls came to enforce, in one line.
func evidenceIn(e *evidence.Summary) string {
	var names []string
	for _, r := range e.Controls {
		names = append(names, r.Name())
	}
	if !e.Asked {
		return "not asked (--no-evidence) for " + strings.Join(names, ", ")
	}
	text := e.From.Local().Format(time.DateOnly) + " to " + e.To.Local().Format(time.DateOnly) + " for " + strings.Join(names, ", ")
	for _, g := range e.Groups {
		text += fmt.Sprintf("; %s (%s, %d)", plain(g.ID), g.Verdict, g.Count)
		if g.Accepted {
			text += " accepted"
		}
	}
	return text + fmt.Sprintf("; %s forged", plural.Count(int(e.Forged), "letter", "letters"))
}

func (s *sheet) historyState(c history.Change) string {
	switch {
	case c.Damaged != "":
		return s.paint(red, string(c.State)+", damaged")
	case c.State == transaction.Unfinished:
		return s.paint(red, string(c.State))
	}
	return string(c.State)
}

// name is who made a change, without the command.
func name(by string) string {
	who, _, _ := strings.Cut(by, " (")
	return who
}

// ending says when a change was taken back, by whom and why.
func ending(c history.Change) string {
	text := c.Ended.Local().Format(time.DateTime)
	if c.EndedBy != "" {
		text += " by " + plain(c.EndedBy)
	}
	if c.Why != "" {
		text += ", " + plain(c.Why)
	}
	return text
}

// ToTheMinute is how the time of a change is shown.
const ToTheMinute = "2006-01-02 15:04"

// when is the time of a change; the name of a damaged one has it in UTC.
func when(c history.Change) string {
	if c.Time.IsZero() {
		return "-"
	}
	return c.Time.Local().Format(ToTheMinute)
}

// modes names controls by their mode: "enforce relay, suspended; off protected".
func modes(controls map[string]plan.Mode) string {
	var groups []string
	for _, mode := range []plan.Mode{plan.Enforce, plan.Warn, plan.Off} {
		var names []string
		for _, name := range slices.Sorted(maps.Keys(controls)) {
			if controls[name] == mode {
				names = append(names, name)
			}
		}
		if len(names) > 0 {
			groups = append(groups, string(mode)+" "+strings.Join(names, ", "))
		}
	}
	return strings.Join(groups, "; ")
}
