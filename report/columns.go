package report

import (
	"strings"
	"unicode/utf8"
)

// columns is a layout: the columns are two blanks apart, each as wide as its widest cell.
type columns struct {
	indent string
	// wrap breaks cells at blanks into lines of so many characters. A longer word makes its column wider. 0: no
	// wrapping.
	wrap int
	// most limits the width of a column. A longer cell pushes the following cells aside, in its own row only. 0: no
	// limit.
	most int
	// bold paints the first row, the heading.
	bold bool
}

// row has cells, and last, which comes after all columns. Only last may be coloured, since it has no part in any width.
type row struct {
	cells []string
	last  string
}

// table writes rows.
func (s *sheet) table(layout columns, rows []row) {
	for i, text := range layout.lay(rows) {
		if i == 0 && layout.bold {
			text = s.paint(bold, text)
		}
		s.line("%s", text)
	}
}

// lay gives the text of each row; a row with a cell of several lines has several lines.
func (layout columns) lay(rows []row) []string {
	cells := make([][][]string, len(rows)) // row, column, line
	var widths []int
	for i, r := range rows {
		for j, cell := range r.cells {
			lines := []string{cell}
			if layout.wrap > 0 {
				lines = wrap(cell, layout.wrap)
			}
			cells[i] = append(cells[i], lines)
			if j == len(widths) {
				widths = append(widths, 0)
			}
			for _, l := range lines {
				widths[j] = max(widths[j], layout.limited(utf8.RuneCountInString(l)))
			}
		}
	}
	texts := make([]string, len(rows))
	for i, r := range rows {
		texts[i] = layout.row(cells[i], widths, r.last)
	}
	return texts
}

func (layout columns) limited(width int) int {
	if layout.most > 0 {
		return min(width, layout.most)
	}
	return width
}

// row puts cells side by side; last goes to the end of the first line.
func (layout columns) row(cells [][]string, widths []int, last string) string {
	height := 0
	for _, lines := range cells {
		height = max(height, len(lines))
	}
	out := make([]string, height)
	for n := range out {
		var line strings.Builder
		line.WriteString(layout.indent)
		for j, lines := range cells {
			text := ""
			if n < len(lines) {
				text = lines[n]
			}
			line.WriteString(text)
			line.WriteString(strings.Repeat(" ", max(0, widths[j]-utf8.RuneCountInString(text))+2))
		}
		if n == 0 {
			line.WriteString(last)
		}
		out[n] = strings.TrimRight(line.String(), " ")
	}
	return strings.Join(out, "\n")
}

// wrap breaks text at blanks and at line breaks.
func wrap(text string, width int) []string {
	var lines []string
	for paragraph := range strings.SplitSeq(text, "\n") {
		line := ""
		for word := range strings.FieldsSeq(paragraph) {
			switch {
			case line == "":
				line = word
			case utf8.RuneCountInString(line)+1+utf8.RuneCountInString(word) > width:
				lines = append(lines, line)
				line = "  " + word
			default:
				line += " " + word
			}
		}
		lines = append(lines, line)
	}
	return lines
}
