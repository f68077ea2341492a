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

// EffectiveOf are the accounts on which a control acts, read from the tables that a configuration names. restrictions is the
// text of main.cf and master.cf, read gives the tables. Where Postfix asks the directory itself, maps are the LDAP maps.
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
func accountsIn(logins, senders []string) (out []string) {
	for _, key := range logins {
		if !strings.Contains(key, "@") {
			out = append(out, key)
		}
	}
	if len(out) > 0 {
		return out
	}
	out = slices.Concat(logins, senders)
	slices.Sort(out)
	return slices.Compact(out)
}

// sections are the keys of a table, and of the patterns beside it, by section.
func sections(name string, read func(path string) []byte) map[string][]string {
	out := map[string][]string{}
	for section, lines := range access.Sections(read(table(name))) {
		for _, e := range access.Parse([]byte(strings.Join(lines, "\n"))) {
			out[section] = append(out[section], e.Key)
		}
	}
	for section, lines := range access.Sections(read(table(name) + ".regexp")) {
		for _, e := range access.ParsePatterns([]byte(strings.Join(lines, "\n") + "\n")) {
			out[section] = append(out[section], e.Key)
		}
	}
	return out
}
