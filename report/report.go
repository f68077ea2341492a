// Package report writes plans, rehearsals, states and histories for people and for scripts. It computes nothing.
//
// Text for people begins with what matters: what happens to mail, and whether anything is wrong. It is as wide as the
// terminal, except for what somebody may want to copy: diffs and commands. In a pipe, texts are not folded. Colour only
// repeats what the words say. JSON for scripts is one object, with a schema.
package report

import (
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode"
)

// Style is how text is written.
type Style struct {
	// Color uses ANSI colours.
	Color bool
	// Full shows everything: every message, long texts.
	Full bool
	// Width is the number of columns of the terminal; 0 for a pipe.
	Width int
}

const (
	red    = "\x1b[31m"
	green  = "\x1b[32m"
	yellow = "\x1b[33m"
	bold   = "\x1b[1m"
	reset  = "\x1b[0m"
)

func (s Style) paint(color, text string) string {
	if !s.Color || text == "" {
		return text
	}
	return color + text + reset
}

// JSON writes one value, indented.
func JSON(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(v); err != nil {
		return fmt.Errorf("cannot write JSON: %w", err)
	}
	return nil
}

// plain makes a value safe to print. A registry value may contain anything, and a terminal obeys control characters.
func plain(value string) string {
	if value == "" || strings.ContainsFunc(value, func(r rune) bool { return !unicode.IsPrint(r) }) {
		return strconv.Quote(value)
	}
	return value
}

// PlainLines is plain for text of several lines.
func PlainLines(text string) string {
	return strings.Map(func(r rune) rune {
		if r != '\n' && r != '\t' && !unicode.IsPrint(r) {
			return '\uFFFD'
		}
		return r
	}, text)
}

// sheet writes lines, and keeps the first error.
type sheet struct {
	w   io.Writer
	err error
	// begun: there is a line already.
	begun bool
	Style
}

func (s *sheet) line(format string, args ...any) {
	s.begun = true
	if s.err == nil {
		_, s.err = fmt.Fprintf(s.w, format+"\n", args...)
	}
}

func (s *sheet) title(text string) {
	if s.begun {
		s.line("")
	}
	s.line("%s", s.paint(bold, text))
}
