package lists

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"ucs-harden/internal/ascii"
)

// TextFault says what keeps a value from being taken into a list from the command line, "" when nothing does. A value
// that was written to the registry by other means is not refused: it is made harmless where it is used.
func TextFault(field, value string) string {
	most := longestName
	if field == "reason" || field == "owner" {
		most = longestText
	}
	switch {
	case !utf8.ValidString(value):
		return "it is not UTF-8 text"
	case strings.ContainsFunc(value, func(r rune) bool { return !unicode.IsPrint(r) }):
		return "it contains a line break or another control character"
	case field != "senders" && field != "as" && utf8.RuneCountInString(value) > most:
		return fmt.Sprintf("it has %d characters, at most %d can be had", utf8.RuneCountInString(value), most)
	}
	return ""
}

// longestName is how long the name of an account, a group (a DN) or an address may be.
const longestName = 500

// longestText is how much of a text from outside goes into a reply. A line of SMTP has at most 512 characters (RFC
// 5321, 4.5.3.1.5).
const longestText = 200

// Printable makes a text fit for a reply and for a line of the log: ASCII, on one line, not too long. Characters without
// an ASCII form are left out; NotPrintable names them. A text from the directory or the registry must not be able to end
// a line of a table, of a reply or of the log.
func Printable(text string) string {
	text, _ = ascii.Of(text)
	text = strings.Join(strings.Fields(text), " ")
	if len(text) > longestText {
		text = text[:longestText-3] + "..."
	}
	return text
}

// NotPrintable says what keeps a text from being said in a reply, "" when nothing does.
func NotPrintable(text string) string {
	_, lost := ascii.Of(text)
	if len(lost) == 0 {
		return ""
	}
	return fmt.Sprintf("a reply of a mail server is ASCII, in which %q cannot be written", string(lost[:min(len(lost), 8)]))
}

// Words are the words of a registry variable that holds several, with blanks or commas between.
func Words(value string) []string {
	return strings.FieldsFunc(value, func(r rune) bool { return r == ' ' || r == ',' || r == '\t' })
}
