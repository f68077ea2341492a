package report

import (
	"strings"
	"unicode/utf8"
)

// columns says how rows are laid out: two blanks apart, each column as wide as
// its widest cell.
type columns struct {
	indent string
	// wrap breaks cells at blanks into lines of so many characters. A word that is
	// longer makes its column wider. 0 leaves cells in one line.
	wrap int
	// most is how wide a column gets: a longer cell pushes aside what follows in
	// its own row only. 0 is no limit.
	most int
	// bold paints the first row, the heading.
	bold bool
}

// row is cells, and what stands behind all columns: that alone may be coloured,
// since it takes part in no width.
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

// lay gives each row as text, of several lines where a cell has several.
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

// row puts the lines of the cells side by side, and last behind the first line.
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

// wrap breaks text at blanks, and where it has line breaks.
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
