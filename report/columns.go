package report

import "strings"

// columns is a layout: the columns are two blanks apart, each as wide as its widest cell. When the rows are wider than the
// terminal, the widest columns are folded until the rows fit.
type columns struct {
	indent string
	// most limits the width of a column that is not folded. A longer cell pushes the following cells aside, in its own row
	// only. 0: no limit.
	most int
	// folds: the columns are folded in a pipe, too.
	folds bool
	// heading: the first row is the heading.
	heading bool
	// whole is how many columns, from the first, are never folded: names that somebody may want to copy.
	whole int
}

// narrowest is the width below which no column is folded. Words are broken only on a terminal, and only if the rows do not
// fit otherwise.
const narrowest = 8

// table writes rows of cells. A cell may be painted as a whole.
func (s *sheet) table(layout columns, rows [][]string) {
	for i, text := range s.lay(layout, rows) {
		if i == 0 && layout.heading {
			text = s.paint(bold, text)
		}
		s.line("%s", text)
	}
}

// lay gives the text of each row; a row with a folded cell has several lines.
func (s Style) lay(layout columns, rows [][]string) []string {
	widths, folds := s.widths(layout, rows)
	texts := make([]string, len(rows))
	for i, r := range rows {
		cells := make([][]string, len(r))
		for j, cell := range r {
			if cells[j] = []string{cell}; folds || strings.Contains(cell, "\n") {
				cells[j] = s.fold(cell, widths[j])
			}
		}
		texts[i] = layout.row(cells, widths)
	}
	return texts
}

// widths are the widths of the columns, and whether cells must be folded to have them.
func (s Style) widths(layout columns, rows [][]string) (widths []int, folds bool) {
	var least []int
	for _, r := range rows {
		for j, cell := range r {
			if j == len(widths) {
				widths, least = append(widths, 0), append(least, narrowest)
			}
			if j < layout.whole {
				least[j] = max(least[j], visible(cell))
			}
			for line := range strings.SplitSeq(cell, "\n") {
				widths[j] = max(widths[j], visible(line))
			}
			for word := range strings.FieldsSeq(cell) {
				least[j] = max(least[j], visible(word))
			}
		}
	}
	width := s.Width
	if width == 0 {
		width = pipeWidth
	}
	room := width - len(layout.indent) - 2*(len(widths)-1)
	broken := false // words are
	if s.Width > 0 || layout.folds {
		for sum(widths) > room {
			widest := -1
			for j, w := range widths {
				if w > least[j] && (widest < 0 || w >= widths[widest]) {
					widest = j
				}
			}
			if widest < 0 && (s.Width == 0 || broken) {
				break
			}
			if widest < 0 {
				broken = true
				for j := layout.whole; j < len(least); j++ {
					least[j] = narrowest
				}
				continue
			}
			widths[widest]--
			folds = true
		}
	}
	if !folds && layout.most > 0 {
		for j, w := range widths {
			widths[j] = min(w, layout.most)
		}
	}
	return widths, folds
}

func sum(widths []int) (total int) {
	for _, w := range widths {
		total += w
	}
	return total
}

// row puts cells side by side.
func (layout columns) row(cells [][]string, widths []int) string {
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
			line.WriteString(strings.Repeat(" ", max(0, widths[j]-visible(text))+2))
		}
		out[n] = strings.TrimRight(line.String(), " ")
	}
	return strings.Join(out, "\n")
}
