package report

import (
	"math"
	"strings"
	"unicode/utf8"

	"ucs-harden/internal/lazyregexp"
)

// pipeWidth is the width of what is folded in a pipe, too: texts side by side.
const pipeWidth = 80

// width is the number of columns that a line may have. In a pipe a text is one line, so that a script finds what it looks
// for.
func (s Style) width() int {
	if s.Width > 0 {
		return s.Width
	}
	return math.MaxInt32
}

// hang writes a lead and a text. The text is folded, and its other lines are indented as far as the lead is wide.
func (s *sheet) hang(lead, text string) {
	indent := strings.Repeat(" ", visible(lead))
	for _, l := range s.fold(text, s.width()-len(indent)) {
		s.line("%s%s", lead, l)
		lead = indent
	}
}

// folded writes text behind an indent; the lines after the first are indented two columns further.
func (s *sheet) folded(indent, text string) {
	for i, l := range s.fold(text, s.width()-len(indent)-2) {
		if i > 0 {
			l = "  " + l
		}
		s.line("%s%s", indent, l)
	}
}

// fold breaks text at blanks and at line breaks into lines of so many columns. A longer word is broken on a terminal. A
// text that is painted as a whole keeps its colour in each line.
func (s Style) fold(text string, width int) []string {
	width = max(width, narrowest)
	if color := escape.FindString(text); color != "" && strings.HasPrefix(text, color) {
		lines := s.fold(bare(text), width)
		for i, l := range lines {
			lines[i] = color + l + reset
		}
		return lines
	}
	var lines []string
	for paragraph := range strings.SplitSeq(text, "\n") {
		line := ""
		for word := range strings.FieldsSeq(paragraph) {
			switch {
			case line == "":
				line = word
			case visible(line)+1+visible(word) > width:
				lines = append(lines, line)
				line = word
			default:
				line += " " + word
			}
			for s.Width > 0 && visible(line) > width {
				lines = append(lines, string([]rune(line)[:width]))
				line = string([]rune(line)[width:])
			}
		}
		lines = append(lines, line)
	}
	return lines
}

var escape = lazyregexp.New(`\x1b\[[0-9;]*m`)

// bare is a text without its colours.
func bare(text string) string {
	return escape.ReplaceAllStringFunc(text, func(string) string { return "" })
}

// visible is how many columns a text takes on a terminal, without its colours.
func visible(text string) int { return utf8.RuneCountInString(bare(text)) }
