package hosteddomains

import (
	"strings"

	"ucs-harden/access"
	"ucs-harden/internal/lexical"
)

// ByHand says whether a table holds only what the published procedure writes for
// the given hosted domains, so that replacing it with one of ours loses nothing:
// every entry, also one that an earlier one hides, is a hosted domain, or one with
// a dot in front, with the action WARN or REJECT and any text. Comments and empty
// lines are allowed, and so is a table with no entry at all; a line of which
// postmap(1) can make no entry is not. A table of ours is not by hand, see Ours.
func ByHand(content []byte, domains []string) bool {
	if Ours(content) {
		return false
	}
	hosted := make(map[string]bool, len(domains))
	for _, domain := range domains {
		hosted[domain] = true
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
