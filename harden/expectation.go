package harden

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"ucs-harden/plan"
	"ucs-harden/restrictions"
	"ucs-harden/transaction"
)

// mismatch is a parameter whose value is not what the plan expects.
type mismatch struct {
	// path is that of main.cf or master.cf. name is the parameter; in master.cf the service entry comes before it:
	// "submission/inet/x".
	path, name string
	got, want  string
	// holds: want is a word that the value must contain, not the whole value.
	holds bool
}

// mismatches compares an expectation with values. Before the change they come from the dry run, after it from
// postconf(1). main and master return the values; "" means that the parameter is not set.
func mismatches(
	e plan.Expectation, main func(name string) string, master func(entry, parameter string) string,
) []mismatch {
	var out []mismatch
	for _, name := range slices.Sorted(maps.Keys(e.Main)) {
		if got := main(name); !sameList(got, e.Main[name]) {
			out = append(out, mismatch{transaction.MainCF, name, got, e.Main[name], false})
		}
	}
	for _, name := range slices.Sorted(maps.Keys(e.Holds)) {
		if got := main(name); !holds(got, e.Holds[name]) {
			out = append(out, mismatch{transaction.MainCF, name, got, e.Holds[name], true})
		}
	}
	for _, entry := range slices.Sorted(maps.Keys(e.Master)) {
		for _, parameter := range slices.Sorted(maps.Keys(e.Master[entry])) {
			if got, want := master(entry, parameter), e.Master[entry][parameter]; got != want {
				out = append(out, mismatch{transaction.MasterCF, entry + "/" + parameter, got, want, false})
			}
		}
	}
	return out
}

// sameList reports whether two main.cf values are equal apart from blanks and commas.
func sameList(a, b string) bool {
	return a == b || restrictions.Parse(a).String() == restrictions.Parse(b).String()
}

// holds reports whether a main.cf value contains a word.
func holds(value, word string) bool {
	separates := func(r rune) bool { return strings.ContainsRune(", \t\r\n", r) }
	return slices.Contains(strings.FieldsFunc(value, separates), word)
}

// expectations adds a finding for each parameter that will not have the value that the controls want. A main.cf.local
// or master.cf.local may override it.
func (p *Planned) expectations() {
	master := func(entry, parameter string) string {
		name, typ, _ := strings.Cut(entry, "/")
		service := p.next.mastercf.Service(name, typ)
		if service == nil {
			return ""
		}
		value, _ := service.Option(parameter)
		return value
	}
	broken := brokenServices(p.registryAfter())
	for _, m := range mismatches(p.Expect, p.next.maincf.Value, master) {
		service, _, _ := strings.Cut(m.name, "/")
		if m.path != transaction.MasterCF || !broken[service] { // another finding names the cause
			p.find(m.finding())
		}
	}
}

func (m mismatch) finding() plan.Finding {
	f := plan.Finding{ID: "overridden:" + m.name, Severity: plan.Error}
	if m.holds {
		f.Text = fmt.Sprintf("%s would say %s = %q, which does not contain %q: a later line overrides the planned value",
			m.path, m.name, m.got, m.want)
		f.Hint = fmt.Sprintf("write both values into %s.local: %s = %s, %s", m.path, m.name, m.got, m.want)
		return f
	}
	f.Text = fmt.Sprintf("%s would say %s = %q, not %q: a later line overrides the planned value",
		m.path, m.name, m.got, m.want)
	f.Hint = fmt.Sprintf("look for %s in %s.local, and in the templates in /etc/univention/templates/files%s.d",
		m.name[strings.LastIndexByte(m.name, '/')+1:], m.path, m.path)
	return f
}
