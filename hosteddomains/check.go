package hosteddomains

import (
	"slices"
	"strings"

	"ucs-harden/access"
)

// CheckType returns the lookup table type if a restriction is "check_sender_access TYPE:path", the check of a sender
// table.
func CheckType(restriction, path string) (typ string, ok bool) {
	words := strings.Fields(restriction)
	if len(words) != 2 || !strings.EqualFold(words[0], "check_sender_access") {
		return "", false
	}
	return strings.CutSuffix(words[1], ":"+path)
}

// RefusesByHand reports whether a table that is not ours refuses anything. table is nil when there is none.
func RefusesByHand(table []byte) bool {
	refuses := func(e access.Entry) bool { return strings.HasPrefix(strings.ToUpper(e.Action), "REJECT") }
	return table != nil && !Ours(table) && slices.ContainsFunc(access.Parse(table), refuses)
}
