package controls

import (
	"fmt"
	"strings"

	"ucs-harden/lists"
)

// Each of our refusals and warnings ends with Tag and the name of the control. Tag begins with a byte that is rare in a
// mail log.
const Tag = "#ucs-harden:"

// refusal is the right-hand side of an access(5) table that refuses: the text, more words if there are any, and the tag
// of the control.
func (w Work) refusal(text, more string) string {
	words := []string{"REJECT 5.7.1", lists.Printable(text)}
	if more = lists.Printable(more); more != "" {
		words[1] += ": " + more
	}
	return strings.Join(append(words, Tag+w.name), " ")
}

// thenSync ends the advice to change something that takes effect with a sync.
const thenSync = "; then ucs-harden sync"

func advise(format string, args ...any) []string { return []string{fmt.Sprintf(format, args...)} }
