package access

import (
	"cmp"
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"
)

// header is the beginning of every table that is written here.
const header = "# Written by ucs-harden. The next apply or sync overwrites manual changes.\n# %s\n"

// Source is the source of an access(5) table. The keys are in lower case.
func Source(about string, entries map[string]string) string {
	return SectionedSource(about, entries, nil)
}

// SectionedSource is the source of an access(5) table with sections, which tell where its entries are from. of is the
// section of a key; a key without one stands before the first section.
//
//	section = "# from: " NAME LF *(entry LF)
func SectionedSource(about string, entries, of map[string]string) string {
	return PatternSource(about, sectioned(slices.Collect(maps.Keys(entries)), of, func(key string) string {
		return key + "\t" + entries[key]
	})...)
}

// section begins the line before the entries of a section.
const section = "# from: "

// sectioned are the lines of keys, sorted, with the lines that begin a section.
func sectioned(keys []string, of map[string]string, line func(key string) string) []string {
	slices.SortFunc(keys, func(a, b string) int {
		return cmp.Or(strings.Compare(of[a], of[b]), strings.Compare(a, b))
	})
	lines, last := make([]string, 0, len(keys)), ""
	for _, key := range keys {
		if of[key] != last {
			last = of[key]
			lines = append(lines, section+last)
		}
		lines = append(lines, line(key))
	}
	return lines
}

// Sections are the lines of a table that SectionedSource or Split has written, by section. Those before the first section
// have the section "".
func Sections(content []byte) map[string][]string {
	out, name := map[string][]string{}, ""
	for line := range strings.Lines(string(content)) {
		line = strings.TrimSuffix(line, "\n")
		switch next, begins := strings.CutPrefix(line, section); {
		case begins:
			name = next
		case line != "" && line[0] != '#':
			out[name] = append(out[name], line)
		}
	}
	return out
}

// WithoutSection is a table without a section. It is nil when the table has no such section.
func WithoutSection(content []byte, name string) []byte {
	var b strings.Builder
	inside, found := false, false
	for line := range strings.Lines(string(content)) {
		if next, begins := strings.CutPrefix(strings.TrimSuffix(line, "\n"), section); begins {
			inside = next == name
			found = found || inside
		}
		if !inside {
			b.WriteString(line)
		}
	}
	if !found {
		return nil
	}
	return []byte(b.String())
}

// PatternSource is the source of a regexp_table(5). A text in a result goes through AsResult.
func PatternSource(about string, lines ...string) string {
	var b strings.Builder
	fmt.Fprintf(&b, header, about)
	for _, line := range lines {
		b.WriteString(line + "\n")
	}
	return b.String()
}

// AsResult makes a text the result of a pattern, in which a dollar sign would begin a reference.
func AsResult(text string) string { return strings.ReplaceAll(text, "$", "$$") }

// Network is a line of a cidr_table(5).
type Network struct {
	Prefix netip.Prefix
	Action string
}

// NetworkSource is the source of a cidr_table(5). Of its lines the first that matches counts.
func NetworkSource(about string, lines []Network) string {
	var b strings.Builder
	fmt.Fprintf(&b, header, about)
	for _, l := range lines {
		fmt.Fprintf(&b, "%s\t%s\n", l.Prefix, l.Action)
	}
	return b.String()
}

// Split parts entries for logins or addresses: those that a compiled table can have, and the lines of a regexp_table(5)
// for the others. of is the section of a key, see SectionedSource.
func Split(entries, of map[string]string) (compiled map[string]string, patterns []string) {
	compiled = map[string]string{}
	var others []string
	for key, action := range entries {
		if Compiles(key) {
			compiled[key] = action
		} else {
			others = append(others, key)
		}
	}
	return compiled, sectioned(others, of, func(key string) string { return Pattern(key) + " " + AsResult(entries[key]) })
}
