package mastercf

import (
	"bytes"
	"slices"
	"strings"

	"ucs-harden/internal/lexical"
)

// Canonical returns a master.cf in which the "-o name=value" overrides at the end of each one-line entry are sorted by
// name. Overrides of one name keep their order, since the last one counts. UCR renders overrides in no stable order, so
// only canonical forms can be compared. Everything else is unchanged, and so is a file that cannot be read.
func Canonical(content []byte) []byte {
	f, err := Parse(content)
	if err != nil {
		return content
	}
	entries := f.Services
	var out bytes.Buffer
	for _, chunk := range f.chunks {
		if len(entries) > 0 && &chunk[0] == &entries[0].Raw[0] {
			chunk = sorted(chunk)
			entries = entries[1:]
		}
		out.Write(chunk)
	}
	return out.Bytes()
}

// sorted sorts the overrides of an entry of the template: fields, then "-o name=value" pairs, all in one line.
func sorted(entry []byte) []byte {
	text := strings.TrimSuffix(string(entry), "\n")
	head, tail, ok := strings.Cut(text, " -o ")
	if !ok || strings.Contains(text, "\n") {
		return entry
	}
	overrides := strings.Split(tail, " -o ")
	for i, o := range overrides {
		overrides[i] = strings.TrimSpace(o)
		// master(5) has braces around blanks, and " -o " may stand between them.
		open, end := strings.Count(o, "{"), strings.Count(o, "}")
		if open != end || open > 0 && strings.ContainsAny(overrides[i], lexical.Blanks) {
			return entry
		}
	}
	slices.SortStableFunc(overrides, func(a, b string) int {
		nameA, _, _ := strings.Cut(a, "=")
		nameB, _, _ := strings.Cut(b, "=")
		return strings.Compare(nameA, nameB)
	})
	blanks := text[len(strings.TrimRight(text, lexical.Blanks)):]
	head = strings.TrimRight(head, lexical.Blanks)
	return []byte(head + " -o " + strings.Join(overrides, " -o ") + blanks + string(entry[len(text):]))
}
