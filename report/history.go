package report

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"ucs-harden/history"
	"ucs-harden/internal/plural"
	"ucs-harden/plan"
	"ucs-harden/transaction"
)

// History writes the changes, oldest first. Full names the variables and files of each.
func History(w io.Writer, changes []history.Change, style Style) error {
	s := &sheet{w: w, Style: style}
	if len(changes) == 0 {
		s.line("No changes yet.")
	}
	for i, line := range s.changes(changes) {
		c := changes[i]
		s.line("%s", line)
		if !s.Full {
			continue
		}
		if c.Damaged != "" {
			s.line("    %s", plain(c.Damaged))
		}
		if c.By != "" {
			s.line("    by: %s", plain(c.By))
		}
		if c.State != transaction.Applied && !c.Ended.IsZero() {
			s.line("    %s: %s", c.State, ending(c))
		}
		if len(c.Controls) > 0 {
			s.line("    controls: %s", modes(c.Controls))
		}
		for _, v := range append(c.Variables, c.Files...) {
			s.line("    %s", plain(v))
		}
		if c.Rehearsal != "" {
			s.line("    rehearsal: %s", plain(c.Rehearsal))
		}
		for _, id := range c.Accepted {
			s.line("    accepted: %s", plain(id))
		}
	}
	return s.err
}

// changes is a line for each change. The numbers of variables and files are aligned to the right. No other table needs
// that, so both have a fixed width within one cell.
func (s *sheet) changes(changes []history.Change) []string {
	width := len(plan.Enforce) + 1
	for _, c := range changes {
		width = max(width, len(c.Modes))
	}
	var rows []row
	for _, c := range changes {
		variables, files := plural.Count(len(c.Variables), "variable", "variables"), plural.Count(len(c.Files), "file", "files")
		what := fmt.Sprintf("%-*s %12s %8s", width, c.Modes, variables, files)
		state := string(c.State)
		if c.Damaged != "" {
			state = s.paint(red, state+", damaged")
		} else if c.State == transaction.Unfinished {
			state = s.paint(red, state)
		}
		rows = append(rows, row{[]string{fmt.Sprintf("%-26s", c.ID), when(c), what}, state})
	}
	return columns{}.lay(rows)
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

// when is the time of a change; the name of a damaged one has it in UTC.
func when(c history.Change) string {
	if c.Time.IsZero() {
		return ""
	}
	return c.Time.Local().Format("2006-01-02 15:04")
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
