package report

import (
	"maps"
	"slices"
	"strings"

	"ucs-harden/controls"
	"ucs-harden/plan"
)

// variables writes the registry variables by the control that wants them, with the reason of the control.
func (s *sheet) variables(p *plan.Plan) {
	if len(p.Variables) == 0 {
		return
	}
	s.title("Registry variables")
	var last string
	for i, v := range byControl(p.Variables) {
		if i == 0 || v.Control != last {
			s.reason(v.Control)
			last = v.Control
		}
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

// byControl puts the variables of a control together, in the order of the controls.
func byControl(variables []plan.Variable) []plan.Variable {
	place := func(v plan.Variable) int { return slices.Index(controls.Names(), v.Control) }
	sorted := slices.Clone(variables)
	slices.SortStableFunc(sorted, func(a, b plan.Variable) int { return place(a) - place(b) })
	return sorted
}

// reason writes why a control wants its variables.
func (s *sheet) reason(name string) {
	if c, known := controls.ByName(name); known {
		s.hang("  ", c.Name+": "+c.Purpose)
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
		s.diff(f.Diff)
	}
}

func (s *sheet) rendered(p *plan.Plan) {
	for _, r := range p.Rendered.Files() {
		if r.Diff != "" {
			s.title(r.Path + " as UCR will render it")
			s.diff(r.Diff)
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

// diff writes a unified diff.
func (s *sheet) diff(text string) {
	if text == "" {
		return
	}
	for l := range strings.SplitSeq(strings.TrimSuffix(PlainLines(text), "\n"), "\n") {
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
