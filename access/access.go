// Package access reads the sources of access(5) tables as postmap(1) does; [All] has the grammar.
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

// Parse reads the source of an access(5) table and returns the entries that postmap(1) makes of it, in their order.
// When several entries have the same key, the first is in force, and only that one is returned; compare All.
func Parse(content []byte) []Entry {
	seen := map[string]bool{}
	return slices.DeleteFunc(All(content), func(e Entry) bool {
		before := seen[e.Key]
		seen[e.Key] = true
		return before
	})
}

// Keys returns the keys of a table, each once, sorted by bytes.
func Keys(content []byte) []string {
	var keys []string
	for _, e := range All(content) {
		keys = append(keys, e.Key)
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}

// All reads the source of an access(5) table and returns every entry, also one that an earlier entry with the same key
// hides:
//
//	table   = *(ignored / logical)
//	ignored = a line of white space only, or whose first other character is "#";
//	          also between a line and its continuation
//	logical = line *(a line that begins with white space), joined without
//	          their line breaks
//	line    = key 1*space action
//
// White space is blank, \t, \v, \f and \r. It is trimmed from the action. It ends the key, unless it stands between
// double quotes or after a backslash; quotes and backslash remain part of the key. A key without an action, a quote
// that is never closed, and a continuation line with nothing before it give no entry, although postmap(1) only warns.
// postmap(1) handles C strings, so a NUL ends the entry that contains it. Capitals in keys are folded. Postfix with
// smtputf8_enable = yes also skips lines that are not UTF-8. UCS has it off (compatibility_level 0), so such lines are
// kept here.
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

// splitKey splits at the first white space outside quotes. It returns no key when a quote is never closed.
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
