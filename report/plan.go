package report

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"ucs-harden/internal/plural"
	"ucs-harden/plan"
)

// PlanView is the JSON form of a plan.
type PlanView struct {
	*plan.Plan
	Changes  bool     `json:"changed"`
	Commands []string `json:"commands"`
}

// View is the plan as scripts read it.
func View(p *plan.Plan) PlanView {
	shown := *p
	if shown.Rendered == nil {
		shown.Rendered = &plan.Rendered{} // [], not null
	}
	return PlanView{Plan: &shown, Changes: p.Changes(), Commands: append([]string{}, p.Commands()...)}
}

// Plan writes a plan for people. A plan without changes says why.
func Plan(w io.Writer, p *plan.Plan, style Style) error {
	s := &sheet{w: w, Style: style}
	s.controls(p)
	s.variables(p)
	s.files(p)
	s.rendered(p)
	s.findings(p)
	s.commands(p)
	s.counts(p)
	return s.err
}

func (s *sheet) controls(p *plan.Plan) {
	s.line("%s", s.paint(bold, "Controls"))
	for _, c := range p.Controls {
		mode := string(c.After)
		if c.Before != c.After {
			mode = fmt.Sprintf("%s → %s", c.Before, c.After)
		}
		s.line("    %-16s %s%s", c.Name, mode, listed(c))
		s.domains("      ", c)
	}
}

// listed says how many entries a control acts on.
func listed(c plan.Control) (text string) {
	switch {
	case c.Idle:
		text = ", nothing listed"
	case c.Listed > 0:
		text = fmt.Sprintf(", %d listed", c.Listed)
	}
	if c.Stopped > 0 {
		text += fmt.Sprintf(", %d stopped in every mode", c.Stopped)
	}
	return text + notStopped(c)
}

// notStopped says how many listed accounts a control cannot act on.
func notStopped(c plan.Control) string {
	if c.NotStopped == 0 {
		return ""
	}
	return fmt.Sprintf(", %d NOT stopped", c.NotStopped)
}

// domains names the mail domains with another mode than their control.
func (s *sheet) domains(indent string, c plan.Control) {
	for _, domain := range slices.Sorted(maps.Keys(c.Domains)) {
		if m := c.Domains[domain]; m != c.After {
			s.line("%s%s: %s", indent, domain, m)
		}
	}
}

func (s *sheet) variables(p *plan.Plan) {
	if len(p.Variables) == 0 {
		return
	}
	s.title("Registry variables")
	for _, v := range p.Variables {
		switch v.Action() {
		case plan.Create:
			s.line("  %s %s = %s", s.sign(plan.Create), plain(v.Key), plain(*v.After))
		case plan.Change:
			s.line("  %s %s", s.sign(plan.Change), plain(v.Key))
			s.line("      %s", s.paint(red, "- "+plain(*v.Before)))
			s.line("      %s", s.paint(green, "+ "+plain(*v.After)))
		case plan.Remove:
			s.line("  %s %s = %s", s.sign(plan.Remove), plain(v.Key), plain(*v.Before))
		}
	}
}

func (s *sheet) sign(a plan.Action) string {
	color := map[plan.Action]string{plan.Create: green, plan.Change: yellow, plan.Remove: red}[a]
	return s.paint(color, string(a))
}

func (s *sheet) files(p *plan.Plan) {
	shown := slices.DeleteFunc(slices.Clone(p.Files), func(f plan.File) bool { return f.Kind == plan.Ledger })
	if len(shown) == 0 {
		return
	}
	s.title("Files")
	for _, f := range shown {
		what := map[plan.Kind]string{
			plan.Table: "lookup table " + f.Type, plan.Map: "LDAP map, rendered by UCR", plan.Include: "part of main.cf",
		}[f.Kind]
		s.line("  %s %s (%s)", s.sign(f.Action), plain(f.Path), what)
		s.diff(f.Diff, 16)
	}
}

func (s *sheet) rendered(p *plan.Plan) {
	for _, r := range p.Rendered.Files() {
		if r.Diff != "" {
			s.title(r.Path + " as UCR will render it")
			s.diff(r.Diff, 80)
		}
	}
	if len(p.Rendered.Files()) > 0 || len(p.Expect.Main) == 0 {
		return
	}
	s.title("What Postfix will be told")
	for _, name := range slices.Sorted(maps.Keys(p.Expect.Main)) {
		s.line("  main.cf    %s = %s", name, plain(p.Expect.Main[name]))
	}
	for _, service := range slices.Sorted(maps.Keys(p.Expect.Master)) {
		for _, name := range slices.Sorted(maps.Keys(p.Expect.Master[service])) {
			s.line("  master.cf  %s -o %s=%s", service, name, plain(p.Expect.Master[service][name]))
		}
	}
}

// diff writes a unified diff. Without Full it is cut after so many lines.
func (s *sheet) diff(text string, most int) {
	if text == "" {
		return
	}
	lines := strings.Split(strings.TrimSuffix(PlainLines(text), "\n"), "\n")
	shown := lines
	if !s.Full && len(lines) > most {
		shown = lines[:most]
	}
	for _, l := range shown {
		color := ""
		switch {
		case strings.HasPrefix(l, "+++"), strings.HasPrefix(l, "---"):
		case strings.HasPrefix(l, "+"):
			color = green
		case strings.HasPrefix(l, "-"):
			color = red
		}
		if color == "" {
			s.line("      %s", l)
		} else {
			s.line("      %s", s.paint(color, l))
		}
	}
	if more := len(lines) - len(shown); more > 0 {
		s.line("      … %s (--diff shows all)", plural.Count(more, "more line", "more lines"))
	}
}

func (s *sheet) findings(p *plan.Plan) {
	if len(p.Findings) == 0 {
		return
	}
	s.title("Findings")
	for _, f := range p.Findings {
		color := map[plan.Severity]string{plan.Error: red, plan.Warning: yellow}[f.Severity]
		s.line("  %s  %s", s.paint(color, fmt.Sprintf("%-7s", f.Severity)), plain(f.ID))
		s.line("           %s", strings.ReplaceAll(PlainLines(f.Text), "\n", "\n           "))
		s.line("           hint: %s", PlainLines(f.Hint))
		if f.Severity == plan.Error && f.Acceptable {
			s.line("           to go on all the same: --accept %s", plan.Quote(f.ID))
		}
	}
}

func (s *sheet) commands(p *plan.Plan) {
	lines := p.Commands()
	if len(lines) == 0 {
		return
	}
	s.title("The same by hand, without the safety")
	for _, l := range lines {
		s.line("    %s", strings.ReplaceAll(PlainLines(l), "\n", "\n    "))
	}
}

func (s *sheet) counts(p *plan.Plan) {
	c := p.Count()
	last := fmt.Sprintf("Plan: %d to add, %d to change, %d to remove; %s, %s.",
		c.Create, c.Change, c.Remove, plural.Count(c.Errors, "error", "errors"), plural.Count(c.Warnings, "warning", "warnings"))
	if !p.Changes() {
		last = "No changes. " + p.WhyNone()
		if c.Errors > 0 {
			last = "No changes planned, but " + plural.Count(c.Errors, "error needs", "errors need") + " fixing."
		}
	}
	s.line("")
	if c.Errors > 0 && p.Changes() {
		s.line("%s", s.paint(red, "Nothing is applied while an error stands."))
	}
	s.line("%s", s.paint(bold, last))
}
