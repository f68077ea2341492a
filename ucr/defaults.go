package ucr

import (
	"slices"
	"strings"
)

// expand replaces each @%@key@%@ in a default by the value that the registry holds. path lists the defaults that are
// being expanded. A default that leads back to one of them gives "", and so does a variable that is not set.
func (r *Registry) expand(text string, path []string) string {
	const mark = "@%@"
	var out strings.Builder
	for {
		before, rest, opened := strings.Cut(text, mark)
		name, after, closed := strings.Cut(rest, mark)
		if !opened || !closed {
			out.WriteString(text)
			return out.String()
		}
		out.WriteString(before)
		if !slices.Contains(path, name) {
			value, _ := r.effective(name, path)
			out.WriteString(value.Text)
		}
		text = after
	}
}
