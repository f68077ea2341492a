package controls

import (
	"fmt"
	"strings"

	"ucs-harden/access"
	"ucs-harden/findings"
	"ucs-harden/plan"
)

// access adds an access(5) table. The keys are in lower case.
func (w Work) access(name, about string, entries map[string]string) string {
	return w.put(w.part()+"-"+name, defaultTableType, access.Source(about, entries))
}

// named adds an access(5) table of logins or addresses. Names that a compiled table cannot have stand in a
// regexp_table(5) beside it. It returns the tables as Postfix names them.
func (w Work) named(name, about string, entries map[string]string) []string {
	return w.sectioned(name, about, entries, nil)
}

// sectioned is named with the sections of access.SectionedSource: of tells from which entry of a list a key is.
func (w Work) sectioned(name, about string, entries, of map[string]string) []string {
	compiled, patterns := access.Split(entries, of)
	tables := []string{w.put(w.part()+"-"+name, defaultTableType, access.SectionedSource(about, compiled, of))}
	if len(patterns) > 0 {
		tables = append(tables, w.patterns(name, about, patterns...))
	}
	return tables
}

// patterns adds a regexp_table(5). A text in a result goes through access.AsResult.
func (w Work) patterns(name, about string, lines ...string) string {
	return w.put(w.part()+"-"+name+".regexp", "regexp", access.PatternSource(about, lines...))
}

// networks adds a cidr_table(5). Of its lines the first that matches counts.
func (w Work) networks(name, about string, lines []access.Network) string {
	return w.put(w.part()+"-"+name+".cidr", "cidr", access.NetworkSource(about, lines))
}

// put adds a table to our folder and returns it as Postfix names it.
func (w Work) put(name, typ, content string) string {
	path := table(name)
	if first, twice := w.files[path]; twice {
		w.name = first.control // shared: the first has it
	}
	w.table(path, typ, content)
	return typ + ":" + path
}

// The answers of the tables that say whether something is listed.
const (
	isListed  = "listed"
	notListed = "other"
)

// unless is a check that refuses what a table does not have. An access(5) table has no entry for everything else, and
// OK would permit more than this check is about. So a second map always answers "other". When that is the only answer,
// the last map makes a refusal of it. Otherwise the last map says DUNNO, so that Postfix does not go on to ask for
// parts of the address.
func (w Work) unless(check string, listed []string, refuse string) string {
	return fmt.Sprintf("%s pipemap:{unionmap:{%s,pipemap:{%s,%s},static:%s},%s}",
		check, strings.Join(listed, ","), w.domainPart(), listed[0], notListed, refuse)
}

// domainPart is the table that gives the domain of a mail address. It belongs to no control.
func (d *Desired) domainPart() string {
	content := access.PatternSource("Gives the domain of a mail address.", "/^.*@([^@]+)$/ $1")
	return Work{Desired: d}.put("domain-part.regexp", "regexp", content)
}

// refuseOthers is the last map of unless.
func (w Work) refuseOthers(action string) string {
	return w.patterns("refusal", "Refuses what the tables before it do not have.",
		"/^"+notListed+"$/ "+access.AsResult(action), "/./ DUNNO")
}

// badVariable reports a variable that cannot be used.
func (w Work) badVariable(variable, why string) {
	w.fail(findings.Variable.Of(variable),
		fmt.Sprintf("%s cannot be used: %s", variable, why),
		"correct it with ucr set, or unset it: ucr unset "+plan.Quote(variable))
}
