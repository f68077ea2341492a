package controls

import (
	"strings"

	"ucs-harden/lists"
)

// printable is a text for a reply and a line of the log: ASCII that prints, on one line, not too long. What comes from
// the directory or the registry must not be able to end a line of a table, of a reply or of the log.
func printable(text string) string {
	text = strings.Map(func(r rune) rune {
		switch {
		case r <= ' ' || r == 0x7f:
			return ' '
		case r > '~':
			return '?'
		}
		return r
	}, text)
	text = strings.Join(strings.Fields(text), " ")
	if len(text) > lists.LongestText {
		text = text[:lists.LongestText-3] + "..."
	}
	return text
}

// Tag, and the name of the control behind it, end each of our refusals and warnings. It begins with a byte that is rare
// in a mail log.
const Tag = "#ucs-harden:"

// refusal is the right-hand side of an access(5) table that refuses: the text, what there is to add to it, and the tag
// of the control.
func (w Work) refusal(text, more string) string {
	words := []string{"REJECT 5.7.1", printable(text)}
	if more = printable(more); more != "" {
		words[1] += ": " + more
	}
	return strings.Join(append(words, Tag+w.name), " ")
}

// thenSync ends an advice to change what takes effect with a sync.
const thenSync = "; then ucs-harden sync"
