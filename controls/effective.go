package controls

import (
	"maps"
	"slices"
	"strings"

	"ucs-harden/access"
)

// Effective is an account on which a control acts now, as the tables of Postfix have it.
type Effective struct {
	// Account is its login, or an address where the tables know no login.
	Account string `json:"account"`
	// Source tells why: "entry NAME" of the list, "group NAME", or "mark" for a mark in the directory. It is "" where the
	// table does not tell.
	Source string `json:"source"`
	// Always: it is stopped in every mode.
	Always bool `json:"always,omitempty"`
}

// EffectiveOf are the accounts on which a control acts, read from the tables that a configuration names. restrictions is
// the text of main.cf and master.cf, read gives the tables. Where Postfix asks the directory itself, maps are the LDAP maps.
func EffectiveOf(c Control, restrictions string, read func(path string) []byte) (all []Effective, maps []string) {
	parts := []string{c.Name}
	if c.Always != nil {
		parts = []string{stoppedName, c.Name}
	}
	for _, part := range parts {
		if strings.Contains(restrictions, table(part+"-")) {
			all = append(all, effective(part, read)...)
		}
	}
	if path := mapPrefix + c.Name; strings.Contains(restrictions, "ldap:"+path) {
		maps = append(maps, path)
	}
	return all, maps
}

// effective are the accounts of the two tables of a part.
func effective(part string, read func(path string) []byte) (out []Effective) {
	logins, senders := sections(part+"-logins", read), sections(part+"-senders", read)
	names := slices.Concat(slices.Collect(maps.Keys(logins)), slices.Collect(maps.Keys(senders)))
	slices.Sort(names)
	for _, source := range slices.Compact(names) {
		for _, account := range accountsIn(logins[source], senders[source]) {
			out = append(out, Effective{account, source, part == stoppedName})
		}
	}
	return out
}

// accountsIn are the logins without a domain; if there are none, the addresses.
func accountsIn(logins, senders []access.Entry) (out []string) {
	for _, e := range logins {
		if !strings.Contains(e.Key, "@") {
			out = append(out, e.Key)
		}
	}
	if len(out) > 0 {
		return out
	}
	return keysOf(logins, senders)
}

// keysOf are the keys of entries, each once, sorted.
func keysOf(entries ...[]access.Entry) (out []string) {
	for _, e := range slices.Concat(entries...) {
		out = append(out, e.Key)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// sections are the entries of a table, and of the patterns beside it, by section.
func sections(name string, read func(path string) []byte) map[string][]access.Entry {
	out := map[string][]access.Entry{}
	text := func(lines []string) []byte { return []byte(strings.Join(lines, "\n") + "\n") }
	for section, lines := range access.Sections(read(table(name))) {
		out[section] = access.Parse(text(lines))
	}
	for section, lines := range access.Sections(read(table(name) + ".regexp")) {
		out[section] = append(out[section], access.ParsePatterns(text(lines))...)
	}
	return out
}
