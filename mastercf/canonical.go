package mastercf

import (
	"bytes"
	"slices"
	"strings"

	"ucs-harden/internal/lexical"
)

// Canonical returns a master.cf in which the "-o name=value" overrides at the
// end of each one-line entry are sorted by name, overrides of one name staying
// in their order, since the last one wins. UCR renders them in no stable order,
// so only canonical forms can be compared. Everything else is as it was read;
// a file that cannot be read is returned as it is.
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

// sorted sorts the overrides of an entry as the template writes it: fields,
// then "-o name=value" pairs up to the end of its one line.
func sorted(entry []byte) []byte {
	text := strings.TrimSuffix(string(entry), "\n")
	head, tail, ok := strings.Cut(text, " -o ")
	if !ok || strings.ContainsAny(text, "\n{}") {
		return entry
	}
	overrides := strings.Split(tail, " -o ")
	for i, o := range overrides {
		overrides[i] = strings.TrimSpace(o)
	}
	slices.SortStableFunc(overrides, func(a, b string) int {
		nameA, _, _ := strings.Cut(a, "=")
		nameB, _, _ := strings.Cut(b, "=")
		return strings.Compare(nameA, nameB)
	})
	return []byte(strings.TrimRight(head, lexical.Blanks) + " -o " + strings.Join(overrides, " -o ") + text[len(strings.TrimRight(text, lexical.Blanks)):] + string(entry[len(text):]))
}
