package documents

import (
	"fmt"
	"strings"
	"unicode"
)

// anchor is the name that GitHub gives a heading: in lower case, without punctuation, blanks as hyphens. A name that is
// used already gets a number.
func anchor(heading string, used map[string]int) string {
	name := strings.Map(func(r rune) rune {
		switch {
		case r == ' ':
			return '-'
		case r == '-' || r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r):
			return unicode.ToLower(r)
		}
		return -1
	}, heading)
	used[name]++
	if n := used[name]; n > 1 {
		return fmt.Sprintf("%s-%d", name, n-1)
	}
	return name
}
