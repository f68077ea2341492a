package access

import (
	"slices"
	"strings"

	"ucs-harden/internal/lexical"
)

// Entry is one entry of an access(5) table.
type Entry struct {
	Key    string // ASCII letters in lower case
	Action string // the right-hand side, never empty
}

// ParseTable reads the source of an access(5) table and returns the entries that
// postmap(1) makes of it, in their order. Of several entries with one key the
// first is in force and the only one returned; compare All.
func Parse(content []byte) []Entry {
	seen := map[string]bool{}
	return slices.DeleteFunc(All(content), func(e Entry) bool {
		before := seen[e.Key]
		seen[e.Key] = true
		return before
	})
}

// Keys returns the keys of a table, sorted bytewise, each once.
func Keys(content []byte) []string {
	var keys []string
	for _, e := range All(content) {
		keys = append(keys, e.Key)
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}

// All reads the source of an access(5) table and returns every entry, also those
// that an earlier one with the same key hides:
//
//	table   = *(ignored / logical)
//	ignored = a line of white space only, or whose first other character is "#";
//	          also between a line and its continuation
//	logical = line *(a line that begins with white space), joined without
//	          their line breaks
//	line    = key 1*space action
//
// White space is blank, \t, \v, \f and \r; it is trimmed from the action and ends
// the key, unless it stands between double quotes or after a backslash, which
// remain part of the key. No entry, though postmap(1) only warns, are a key without
// an action, a quote never closed, and a continuation with nothing in front of it.
// As postmap(1) handles C strings, a NUL ends the entry it stands in. Capitals in
// keys are folded. Postfix with smtputf8_enable = yes also skips lines that are
// not UTF-8; UCS has it off (compatibility_level 0), and they are kept here.
func All(content []byte) []Entry {
	var entries []Entry
	for _, part := range lexical.Logical(content) {
		if part.Orphan() {
			continue
		}
		line, _, _ := strings.Cut(part.Text, "\x00")
		key, rest := splitKey(line)
		if action := strings.Trim(rest, lexical.Blanks); key != "" && action != "" {
			entries = append(entries, Entry{Key: lexical.Lower(key), Action: action})
		}
	}
	return entries
}

// splitKey splits at the first white space outside quotes; no key when a quote is
// never closed.
func splitKey(line string) (key, rest string) {
	quoted, escaped := false, false
	for i := range len(line) {
		c := line[i]
		switch {
		case escaped:
			escaped = false
		case c == '\\':
			escaped = true
		case c == '"':
			quoted = !quoted
		case !quoted && lexical.IsBlank(rune(c)):
			return line[:i], line[i:]
		}
	}
	return "", ""
}
