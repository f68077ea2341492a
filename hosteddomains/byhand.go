package hosteddomains

import (
	"strings"

	"ucs-harden/access"
	"ucs-harden/internal/lexical"
)

// ByHand says whether a table holds only what the published procedure writes for the given hosted domains, so that
// nothing is lost when a table of ours replaces it. In such a table the key of every entry, also of one that an earlier
// entry hides, is a hosted domain in one of its forms, or that with a dot before it, and the action is WARN or REJECT
// with any text. The table may have comments, empty lines, or no entry at all. It must not have a line of which postmap(1) can
// make no entry. ByHand does not recognize tables of ours, see Ours.
func ByHand(content []byte, domains []string) bool {
	if Ours(content) {
		return false
	}
	hosted := make(map[string]bool, len(domains))
	for _, domain := range domains {
		for _, form := range forms(domain) {
			hosted[form] = true
		}
	}
	entries := 0
	for _, e := range access.All(content) {
		action := strings.FieldsFunc(e.Action, lexical.IsBlank)[0]
		if !strings.EqualFold(action, "WARN") && !strings.EqualFold(action, "REJECT") {
			return false
		}
		if !hosted[strings.TrimPrefix(e.Key, ".")] {
			return false
		}
		entries++
	}
	return entries == len(lexical.Logical(content))
}
