package lists

import (
	"strconv"
	"strings"
	"unicode"

	"ucs-harden/hosteddomains"
)

// IsAddress reports whether a word is a mail address that a table can have as its key: ASCII, without quotes (RFC 5321,
// 4.1.2, Dot-string "@" Domain).
func IsAddress(word string) bool {
	local, domain, found := strings.Cut(word, "@")
	return found && IsPlain(local) && IsDomain(domain)
}

// IsDomain reports whether a word is one domain name, in capitals or not.
func IsDomain(word string) bool {
	names, err := hosteddomains.Parse(word)
	return err == nil && len(names) == 1 && !strings.ContainsAny(word, " \t")
}

// isLogin reports whether a word is a login that is not a mail address.
func isLogin(word string) bool { return IsPlain(word) && !strings.Contains(word, "@") }

// IsPlain reports whether a table can have a word as its key without quotes.
func IsPlain(word string) bool {
	return word != "" && !strings.ContainsFunc(word, func(r rune) bool {
		return r <= ' ' || r > '~' || strings.ContainsRune(`<>"\,;:()[]#`, r)
	})
}

// Shown is a value of the registry for a message: quoted when a terminal would obey what is in it.
func Shown(value string) string {
	if strings.ContainsFunc(value, func(r rune) bool { return !unicode.IsPrint(r) }) {
		return strconv.Quote(value)
	}
	return value
}
