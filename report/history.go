package report

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"ucs-harden/controls"
	"ucs-harden/plan"
	"ucs-harden/transaction"
)

// Change is one line of the history.
type Change struct {
	ID       string            `json:"id"`
	Time     time.Time         `json:"time"`
	State    transaction.State `json:"state"`
	Mode     plan.Mode         `json:"mode"`
	Version  string            `json:"version"`
	Accepted []string          `json:"accepted,omitempty"`
	// Rehearsal is the result of the rehearsal.
	Rehearsal string `json:"rehearsal,omitempty"`
	// Controls are the modes of the controls.
	Controls map[string]plan.Mode `json:"controls,omitempty"`
	// Modes are the mode and the controls with another mode, for people.
	Modes string `json:"-"`
	// Variables and Files are names with the action: "+ NAME".
	Variables []string `json:"variables"`
	Files     []string `json:"files"`
}

// HistoryView is the JSON form of the history.
type HistoryView struct {
	Schema  int      `json:"schema"`
	Changes []Change `json:"changes"`
}

// History writes the changes, oldest first. Full names the variables and files of each.
func History(w io.Writer, changes []Change, style Style) error {
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
func (s *sheet) changes(changes []Change) []string {
	width := len(plan.Enforce) + 1
	for _, c := range changes {
		width = max(width, len(c.Modes))
	}
	var rows []row
	for _, c := range changes {
		variables, files := count(len(c.Variables), "variable", "variables"), count(len(c.Files), "file", "files")
		what := fmt.Sprintf("%-*s %12s %8s", width, c.Modes, variables, files)
		state := string(c.State)
		if c.State == transaction.Unfinished {
			state = s.paint(red, state)
		}
		rows = append(rows, row{[]string{fmt.Sprintf("%-26s", c.ID), c.Time.Local().Format("2006-01-02 15:04"), what}, state})
	}
	return columns{}.lay(rows)
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

// ChangeOf reads a manifest for the history.
func ChangeOf(m *transaction.Manifest, state transaction.State) Change {
	c := Change{
		ID: m.ID, Time: m.Time, State: state, Mode: m.Mode, Modes: controls.ModeText(m.Mode, m.Controls),
		Version: m.Version, Accepted: m.Accepted, Rehearsal: m.Rehearsal, Variables: []string{}, Files: []string{},
	}
	if len(m.Controls) > 0 {
		c.Controls = plan.Modes(m.Controls)
	}
	for _, v := range m.Variables {
		c.Variables = append(c.Variables, fmt.Sprintf("%s %s", v.Action(), v.Key))
	}
	for _, f := range m.Files {
		if f.Kind == plan.Ledger {
			continue
		}
		action := plan.Change
		switch {
		case f.Gone:
			action = plan.Remove
		case f.Before == nil:
			action = plan.Create
		}
		c.Files = append(c.Files, fmt.Sprintf("%s %s", action, f.Path))
	}
	return c
}
