package report

import (
	"fmt"
	"io"
	"maps"
	"slices"

	"ucs-harden/controls"
	"ucs-harden/internal/plural"
	"ucs-harden/plan"
	"ucs-harden/rehearsal"
)

// PlanView is the JSON form of a plan.
type PlanView struct {
	*plan.Plan
	Changes bool `json:"changed"`
	// Consequences are what people will notice, as the rules of the controls foretell it.
	Consequences []rehearsal.Consequence `json:"consequences"`
	// ConsequencesUnknown is why they are not known, "" if they are.
	ConsequencesUnknown string   `json:"consequences_unknown,omitempty"`
	Commands            []string `json:"commands"`
}

// View is the plan as scripts read it.
func View(v PlanScreen) PlanView {
	shown := *v.Plan
	if shown.Rendered == nil {
		shown.Rendered = &plan.Rendered{} // [], not null
	}
	view := PlanView{
		Plan: &shown, Changes: shown.Changes(), Commands: append([]string{}, shown.Commands()...),
		Consequences: []rehearsal.Consequence{},
	}
	if v.Matrix != nil {
		view.Consequences = v.Matrix.Consequences()
	}
	if v.Unknown != nil {
		view.ConsequencesUnknown = v.Unknown.Error()
	}
	return view
}

// PlanScreen is what is shown of a plan.
type PlanScreen struct {
	Plan *plan.Plan
	// Matrix has the consequences: of a rehearsal, or foreseen. nil when they are not known; Unknown may say why.
	Matrix  *rehearsal.Matrix
	Unknown error
	// Accepted are the IDs of findings that do not block.
	Accepted []string
	// Commands shows the registry variables and the changes as shell commands, Diff the generated and rendered files.
	Commands, Diff bool
}

// Plan writes a plan for people: first what it does to mail and whether anything is wrong, then the rest. A plan without
// changes says why.
func Plan(w io.Writer, v PlanScreen, style Style) error {
	s := &sheet{w: w, Style: style}
	p := v.Plan
	if p.Changes() {
		s.summary(v)
		if v.Matrix != nil {
			s.consequences(v.Matrix.Consequences())
		}
	} else {
		s.counts(v)
	}
	s.findings(p.Findings)
	if m := v.Matrix; m != nil && !m.Foreseen {
		s.remarks(m)
	}
	s.controls(p)
	if v.Commands {
		s.variables(p)
		s.commands(p)
	}
	if v.Diff {
		s.files(p)
		s.rendered(p)
	}
	if p.Changes() {
		s.line("")
		s.counts(v)
	}
	return s.err
}

func (s *sheet) controls(p *plan.Plan) {
	if len(p.Controls) == 0 {
		return
	}
	s.title("Controls")
	var rows [][]string
	for _, state := range p.Controls {
		mode := string(state.After)
		if state.Before != state.After {
			mode = fmt.Sprintf("%s → %s", state.Before, state.After)
		}
		c, _ := controls.ByName(state.Name)
		rows = append(rows, []string{state.Name, mode, c.Purpose + listed(state)})
		rows = append(rows, ownModes(state)...)
	}
	s.table(columns{indent: "  "}, rows)
}

// ownModes are rows with the mail domains that have another mode than their control.
func ownModes(c plan.Control) (rows [][]string) {
	for _, domain := range slices.Sorted(maps.Keys(c.Domains)) {
		if m := c.Domains[domain]; m != c.After {
			rows = append(rows, []string{"  " + domain, string(m)})
		}
	}
	return rows
}

// listed says how many entries a control acts on.
func listed(c plan.Control) (text string) {
	switch {
	case c.Idle:
		text = "; none listed"
	case c.Listed > 0:
		text = fmt.Sprintf("; %d listed", c.Listed)
	}
	if c.Stopped > 0 {
		text += fmt.Sprintf("; %d stopped in every mode", c.Stopped)
	}
	return text + notStopped(c)
}

// notStopped says how many listed accounts a control cannot act on.
func notStopped(c plan.Control) string {
	if c.NotStopped == 0 {
		return ""
	}
	return fmt.Sprintf("; %d NOT stopped", c.NotStopped)
}

// counts says how much changes in the registry and in files, how to see it, and what was tried.
func (s *sheet) counts(v PlanScreen) {
	p := v.Plan
	c := p.Count()
	switch {
	case !p.Changes() && c.Errors > 0:
		s.line("%s", s.paint(bold, "No changes planned, but "+plural.Count(c.Errors, "error needs", "errors need")+" fixing."))
		return
	case !p.Changes():
		s.hang("", s.paint(bold, "No changes. "+p.WhyNone()))
		return
	}
	if !v.Commands || !v.Diff {
		s.line("Registry variables: --commands. Files and their diffs: --diff.")
	}
	s.line("%s", s.paint(bold, fmt.Sprintf("Plan: %d to add, %d to change, %d to remove; %s, %s.", c.Create, c.Change, c.Remove,
		plural.Count(c.Errors, "error", "errors"), plural.Count(c.Warnings, "warning", "warnings"))))
	if v.Matrix != nil && !v.Matrix.Foreseen {
		s.hang("", v.Matrix.Count().String())
	}
}
