package page

import (
	"fmt"
	"strings"

	"ucs-harden/report"
)

// The sizes of a row, in units of its view box.
const (
	rowWidth  = 600
	rowHeight = 36
)

// ownRow is a series of a chart with a scale of its own. It can be read where another series dwarfs it in the stack.
type ownRow struct {
	series
	Path string
	// Most are the letters of the highest bar, which is At.
	Most int64
	At   report.Bar
}

// rows are the series of a chart one below the other. A chart of one series has none: they would say the same again.
func (c chart) rows() (rows []ownRow) {
	if len(c.Series) < 2 {
		return nil
	}
	for n, s := range c.Series {
		row := ownRow{series: s}
		for _, bar := range c.Bars {
			if bar.Counts[n] > row.Most {
				row.Most, row.At = bar.Counts[n], bar.Bar
			}
		}
		var path strings.Builder
		slot := float64(rowWidth) / float64(len(c.Bars))
		width := min(slot*0.78, 36)
		for i, bar := range c.Bars {
			if bar.Counts[n] == 0 {
				continue
			}
			h := max(2, float64(bar.Counts[n])*rowHeight/float64(row.Most))
			fmt.Fprintf(&path, "M%s %dv-%sh%sv%sz", units(slot*(float64(i)+0.5)-width/2), rowHeight, units(h), units(width), units(h))
		}
		row.Path = path.String()
		rows = append(rows, row)
	}
	return rows
}
