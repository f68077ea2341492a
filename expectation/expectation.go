// Package expectation compares the values that parameters of Postfix have with those that a plan expects.
package expectation

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"ucs-harden/findings"
	"ucs-harden/internal/lexical"
	"ucs-harden/plan"
	"ucs-harden/restrictions"
	"ucs-harden/transaction"
)

// Mismatch is a parameter whose value is not what the plan expects.
type Mismatch struct {
	// Path is that of main.cf or master.cf. Name is the parameter; in master.cf the service entry comes before it:
	// "submission/inet/x".
	Path, Name string
	Got, Want  string
	// Holds: Want is a word that the value must contain, not the whole value.
	Holds bool
}

// Of compares an expectation with values. Before the change they come from the dry run, after it from
// postconf(1). main and master return the values; "" means that the parameter is not set.
func Of(
	e plan.Expectation, main func(name string) string, master func(entry, parameter string) string,
) []Mismatch {
	var out []Mismatch
	for _, name := range slices.Sorted(maps.Keys(e.Main)) {
		if got := main(name); !sameList(got, e.Main[name]) {
			out = append(out, Mismatch{transaction.MainCF, name, got, e.Main[name], false})
		}
	}
	for _, name := range slices.Sorted(maps.Keys(e.Holds)) {
		if got := main(name); !holds(got, e.Holds[name]) {
			out = append(out, Mismatch{transaction.MainCF, name, got, e.Holds[name], true})
		}
	}
	for _, entry := range slices.Sorted(maps.Keys(e.Master)) {
		for _, parameter := range slices.Sorted(maps.Keys(e.Master[entry])) {
			if got, want := master(entry, parameter), e.Master[entry][parameter]; got != want {
				out = append(out, Mismatch{transaction.MasterCF, entry + "/" + parameter, got, want, false})
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
	return slices.Contains(lexical.Words(value), word)
}

// Finding says what to do about it before the change.
func (m Mismatch) Finding() plan.Finding {
	f := findings.Overridden.Of(m.Name).Finding(plan.Error, "", "")
	if m.Holds {
		f.Text = fmt.Sprintf("%s would say %s = %q, which does not contain %q: a later line overrides the planned value",
			m.Path, m.Name, m.Got, m.Want)
		f.Hint = fmt.Sprintf("write both values into %s.local: %s = %s, %s", m.Path, m.Name, m.Got, m.Want)
		return f
	}
	f.Text = fmt.Sprintf("%s would say %s = %q, not %q: a later line overrides the planned value",
		m.Path, m.Name, m.Got, m.Want)
	f.Hint = fmt.Sprintf("look for %s in %s.local, and in the templates in /etc/univention/templates/files%s.d",
		m.Name[strings.LastIndexByte(m.Name, '/')+1:], m.Path, m.Path)
	return f
}
