package mailbox

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Fold makes names equal that differ only in their capitals, letter by letter as the directory compares them.
func Fold(name string) string {
	if isASCII(name) {
		return strings.ToLower(name)
	}
	return strings.Map(func(r rune) rune {
		least := r
		for other := unicode.SimpleFold(r); other != r; other = unicode.SimpleFold(other) {
			least = min(least, other)
		}
		return unicode.ToLower(least)
	}, name)
}

func isASCII(name string) bool {
	for i := range len(name) {
		if name[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// Key is the form in which smtpd(8) looks up a login or an address in a table: an address without its quotes, and
// capitals folded. Names with the same key are the same name.
func Key(name string) string { return Fold(Unquote(name)) }

// Unquote removes the quotes of the local part of an address (RFC 5321, 4.1.2, Quoted-string). It returns any other
// text unchanged.
func Unquote(address string) string {
	at := strings.LastIndexByte(address, '@')
	if at < 2 || address[0] != '"' || address[at-1] != '"' {
		return address
	}
	var local strings.Builder
	inside := address[1 : at-1]
	for i := 0; i < len(inside); i++ {
		switch c := inside[i]; {
		case c == '\\' && i+1 < len(inside):
			i++
			local.WriteByte(inside[i])
		case c == '\\' || c == '"':
			return address
		default:
			local.WriteByte(c)
		}
	}
	return local.String() + address[at:]
}

// Quote gives an address the form in which an SMTP command carries it. It quotes the local part when necessary.
func Quote(address string) string {
	address = Unquote(address)
	at := strings.LastIndexByte(address, '@')
	if at < 0 {
		return address
	}
	local := address[:at]
	if isDotString(local) {
		return address
	}
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(local) + `"` + address[at:]
}

func isDotString(local string) bool {
	return local != "" && !strings.HasPrefix(local, ".") && !strings.HasSuffix(local, ".") &&
		!strings.Contains(local, "..") && !strings.ContainsFunc(local, func(r rune) bool {
		return r <= ' ' || r == 0x7f || r == '@' || strings.ContainsRune(special, r)
	})
}

// Speakable reports whether an SMTP dialogue can have a login, or an address in the form of Quote: text without control
// characters.
func Speakable(name string) bool {
	return name != "" && utf8.ValidString(name) && !strings.ContainsFunc(name, unicode.IsControl)
}

// IsAny reports whether a value is a mail address of any legal form: with letters beyond ASCII (RFC 6531) or with a
// local part that needs quotes.
func IsAny(address string) bool {
	address = Unquote(address)
	at := strings.LastIndexByte(address, '@')
	return at > 0 && Speakable(address) && !strings.ContainsFunc(address[at+1:], func(r rune) bool {
		return r <= ' ' || strings.ContainsRune(special, r)
	}) && address[at+1:] != ""
}
