package lists

import (
	"strings"

	"ucs-harden/hosteddomains"
)

// isAddress says whether a word is a mail address that a table can have as its
// key: ASCII, without quotes (RFC 5321, 4.1.2, Dot-string "@" Domain).
func IsAddress(word string) bool {
	local, domain, found := strings.Cut(word, "@")
	return found && IsPlain(local) && IsDomain(domain)
}

// isDomain says whether a word is one domain name, in any letters.
func IsDomain(word string) bool {
	names, err := hosteddomains.Parse(word)
	return err == nil && len(names) == 1 && !strings.ContainsAny(word, " \t")
}

// isLogin says whether a word is a login that is no mail address.
func IsLogin(word string) bool { return IsPlain(word) && !strings.Contains(word, "@") }

func IsPlain(word string) bool {
	return word != "" && !strings.ContainsFunc(word, func(r rune) bool {
		return r <= ' ' || r > '~' || strings.ContainsRune(`<>"\,;:()[]#`, r)
	})
}
