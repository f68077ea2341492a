package lists

import (
	"strconv"
	"strings"
	"unicode"

	"ucs-harden/hosteddomains"
	"ucs-harden/mailbox"
)

// IsAddress reports whether a word is a mail address of any legal form, at one domain name.
func IsAddress(word string) bool {
	return mailbox.IsAny(word) && IsDomain(mailbox.Domain(word))
}

// IsDomain reports whether a word is one domain name, in capitals or not.
func IsDomain(word string) bool {
	names, err := hosteddomains.Parse(word)
	return err == nil && len(names) == 1 && !strings.ContainsAny(word, " \t")
}

// isLogin reports whether a word is a login that is not a mail address. No login has the characters that belong to
// commands, filters and addresses.
func isLogin(word string) bool {
	return mailbox.Speakable(word) && !strings.ContainsAny(word, `@<>"\,;:*=`) && strings.TrimSpace(word) == word
}

// Shown is a value of the registry for a message: quoted when a terminal would obey what is in it.
func Shown(value string) string {
	if strings.ContainsFunc(value, func(r rune) bool { return !unicode.IsPrint(r) }) {
		return strconv.Quote(value)
	}
	return value
}
