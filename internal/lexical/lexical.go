// Package lexical holds the conventions that the text files of Postfix share: main.cf (postconf(5)), master.cf
// (master(5)) and the sources of lookup tables (postmap(1), access(5)).
//
//	file    = { ignored | logical }
//	ignored = a line of blanks only, or a line whose first other character is "#"
//	logical = a line, and all lines after it that begin with a blank; ignored lines may stand between them
//	blank   = SP | HT | CR | VT | FF          in any locale
//
// A line ends with LF. The text of a logical line is the text of its lines without their LF, one after the other.
package lexical

import (
	"bytes"
	"strings"
)

// Blanks are the characters that Postfix takes for white space.
const Blanks = " \t\r\n\v\f"

// IsBlank reports whether Postfix takes a character for white space.
func IsBlank(r rune) bool { return r == ' ' || '\t' <= r && r <= '\r' }

// Words are the words of a value that commas and white space separate. Braces have no meaning here; see
// restrictions.Words.
func Words(value string) []string {
	return strings.FieldsFunc(value, func(r rune) bool { return r == ',' || r == ' ' || r == '\t' || r == '\r' || r == '\n' })
}

// Lower folds ASCII capitals and nothing else. strings.ToLower would turn the Kelvin sign into a "k", and would replace
// bytes that are not UTF-8.
func Lower(s string) string {
	capital := func(c byte) bool { return 'A' <= c && c <= 'Z' }
	first := 0
	for first < len(s) && !capital(s[first]) {
		first++
	}
	if first == len(s) {
		return s
	}
	b := []byte(s)
	for i := first; i < len(b); i++ {
		if capital(b[i]) {
			b[i] += 'a' - 'A'
		}
	}
	return string(b)
}

// Part is a piece of a file: a logical line, or ignored lines.
type Part struct {
	// Text is the logical line; "" for ignored lines.
	Text string
	// Line is the number of the first line, counted from 1.
	Line int
	// Raw is the piece as it stands in the file, with the ignored lines inside it. All pieces together are the file.
	Raw []byte
}

// Orphan reports whether a logical line begins with a blank: no line before it exists that it could continue.
func (p Part) Orphan() bool { return p.Text != "" && IsBlank(rune(p.Text[0])) }

// Parts splits a file. Any text is a valid file.
func Parts(content []byte) []Part {
	var parts []Part
	var current, ignored Part
	flush := func(p *Part) {
		if p.Raw != nil {
			parts = append(parts, *p)
			*p = Part{}
		}
	}
	at := 0
	for line := range bytes.Lines(content) {
		at++
		text := strings.TrimSuffix(string(line), "\n")
		bare := strings.TrimLeft(text, Blanks)
		switch {
		case bare == "" || bare[0] == '#':
			if ignored.Raw == nil {
				ignored.Line = at
			}
			ignored.Raw = append(ignored.Raw, line...)
		case len(bare) < len(text) && current.Raw != nil:
			current.Text += text
			current.Raw = append(append(current.Raw, ignored.Raw...), line...)
			ignored = Part{}
		default:
			flush(&current)
			flush(&ignored)
			current = Part{Text: text, Line: at, Raw: bytes.Clone(line)}
		}
	}
	flush(&current)
	flush(&ignored)
	return parts
}

// Logical returns the logical lines of a file. The first of them may be an orphan.
func Logical(content []byte) []Part {
	var logical []Part
	for _, p := range Parts(content) {
		if p.Text != "" {
			logical = append(logical, p)
		}
	}
	return logical
}
