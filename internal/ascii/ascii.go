// Package ascii writes a text in ASCII. A reply of an SMTP server is ASCII (RFC 5321, 4.2), but people write reasons and
// texts in their own language.
//
//	German letters   ä ö ü ß    ae oe ue ss
//	other letters    é ø ł      e o l: the letter without its marks
//	typography       „ – … €    " - ... EUR
//	control characters and blanks become a blank
//
// Letters of other scripts, such as Cyrillic, and pictures have no ASCII form: how such a letter is written with Latin
// ones depends on the language.
package ascii

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// forms are the characters that Unicode does not decompose into ASCII (norm.NFKD), or decomposes in a way that nobody
// writes.
var forms = map[rune]string{
	'Ä': "Ae", 'Ö': "Oe", 'Ü': "Ue", 'ä': "ae", 'ö': "oe", 'ü': "ue", 'ß': "ss", 'ẞ': "SS",
	'Æ': "Ae", 'æ': "ae", 'Œ': "Oe", 'œ': "oe", 'Ø': "O", 'ø': "o", 'Å': "A", 'å': "a",
	'Đ': "D", 'đ': "d", 'Ð': "D", 'ð': "d", 'Þ': "Th", 'þ': "th", 'Ł': "L", 'ł': "l", 'ı': "i", 'Ħ': "H", 'ħ': "h",
	'‘': "'", '’': "'", '‚': "'", '‛': "'", '′': "'", '´': "'", '‹': "'", '›': "'",
	'“': `"`, '”': `"`, '„': `"`, '‟': `"`, '″': `"`, '«': `"`, '»': `"`,
	'‐': "-", '‑': "-", '‒': "-", '–': "-", '—': "-", '―': "-", '−': "-", '⁄': "/",
	'•': "*", '·': "*", '×': "x", '→': "->", '←': "<-", '€': "EUR", '£': "GBP", '§': "paragraph ", '©': "(C)", '®': "(R)",
}

// Of writes a text in ASCII, without control characters. It leaves out the characters that have no ASCII form, and
// returns each of them once.
func Of(text string) (out string, lost []rune) {
	var b strings.Builder
	for _, r := range norm.NFC.String(text) {
		form, ok := formOf(r)
		if !ok && !slices.Contains(lost, r) {
			lost = append(lost, r)
		}
		b.WriteString(form)
	}
	return b.String(), lost
}

func formOf(r rune) (form string, ok bool) {
	switch {
	case r >= ' ' && r <= '~':
		return string(r), true
	case unicode.IsControl(r), unicode.IsSpace(r):
		return " ", true
	case unicode.In(r, unicode.Cf): // invisible, such as a soft hyphen
		return "", true
	}
	if form, ok := forms[r]; ok {
		return form, true
	}
	var b strings.Builder
	for _, part := range norm.NFKD.String(string(r)) {
		switch listed, ok := forms[part]; {
		case ok:
			b.WriteString(listed)
		case part >= ' ' && part <= '~':
			b.WriteRune(part)
		case unicode.Is(unicode.Mn, part) && b.Len() > 0: // a mark on the letter before it
		default:
			return "", false
		}
	}
	return b.String(), true
}
