package baseline

import (
	"strings"

	"ucs-harden/hosteddomains"
)

// isAddress says whether a word is a mail address that a table can have as its
// key: ASCII, without quotes (RFC 5321, 4.1.2, Dot-string "@" Domain).
func isAddress(word string) bool {
	local, domain, found := strings.Cut(word, "@")
	return found && isPlain(local) && isDomain(domain)
}

// isDomain says whether a word is one domain name, in any letters.
func isDomain(word string) bool {
	names, err := hosteddomains.Parse(word)
	return err == nil && len(names) == 1 && !strings.ContainsAny(word, " \t")
}

// isLogin says whether a word is a login that is no mail address.
func isLogin(word string) bool { return isPlain(word) && !strings.Contains(word, "@") }

func isPlain(word string) bool {
	return word != "" && !strings.ContainsFunc(word, func(r rune) bool {
		return r <= ' ' || r > '~' || strings.ContainsRune(`<>"\,;:()[]#`, r)
	})
}

// longestText is how much of a text from outside goes into a reply; a line of
// SMTP has at most 512 characters (RFC 5321, 4.5.3.1.5).
const longestText = 200

// printable is a text for a reply and a line of the log: ASCII that prints, on
// one line, not too long. What comes from the directory or the registry must not
// be able to end a line of a table, of a reply or of the log.
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
	if len(text) > longestText {
		text = text[:longestText-3] + "..."
	}
	return text
}

// Tag, and the name of the control behind it, end each of our refusals and
// warnings. It begins with a byte that is rare in a mail log.
const Tag = "#ucs-harden:"

// refusal is the right-hand side of an access(5) table that refuses: the text,
// what there is to add to it, and the tag of the control.
func refusal(text, more, control string) string {
	words := []string{"REJECT 5.7.1", printable(text)}
	if more = printable(more); more != "" {
		words[1] += ": " + more
	}
	return strings.Join(append(words, Tag+control), " ")
}
