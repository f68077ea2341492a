package access

import (
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
	var b strings.Builder
	fmt.Fprintf(&b, header, about)
	for _, key := range slices.Sorted(maps.Keys(entries)) {
		fmt.Fprintf(&b, "%s\t%s\n", key, entries[key])
	}
	return b.String()
}

// PatternSource is the source of a regexp_table(5). A text in a result goes through AsResult.
func PatternSource(about string, lines ...string) string {
	return fmt.Sprintf(header, about) + strings.Join(lines, "\n") + "\n"
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
// for the others.
func Split(entries map[string]string) (compiled map[string]string, patterns []string) {
	compiled = map[string]string{}
	for _, key := range slices.Sorted(maps.Keys(entries)) {
		if Compiles(key) {
			compiled[key] = entries[key]
		} else {
			patterns = append(patterns, Pattern(key)+" "+AsResult(entries[key]))
		}
	}
	return compiled, patterns
}
