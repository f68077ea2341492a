package inside

import (
	"slices"
	"strings"
)

// TakesMail reports whether this server takes mail for a domain by a parameter of main.cf. Domains in lookup tables are
// not known here.
func (f Facts) TakesMail(domain string) bool {
	is := func(word string) bool { return strings.EqualFold(word, domain) }
	if slices.ContainsFunc(f.Here, is) {
		return true
	}
	for _, words := range f.Elsewhere {
		if slices.ContainsFunc(words, is) {
			return true
		}
	}
	return false
}
