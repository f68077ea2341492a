package page

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"ucs-harden/evidence"
	"ucs-harden/report"
)

// The sizes of a chart, in units of its view box. It is drawn as wide as the page allows.
const (
	chartWidth = 720
	gutter     = 48 // for the numbers of the grid
	plotTop    = 22
	plotHeight = 180
)

// mostBars is how many bars a chart has at most. Of a longer time, a bar is several days.
const mostBars = 120

// chart is stacked bars.
type chart struct {
	Base, Height int // of the plot's lower edge, of the whole
	Series       []series
	Bars         []stack
	Grid         []tick
	Dates        []tick
	// Several: a bar is more than one day.
	Several bool
	Total   int64
}

// series is what is stacked, with its sum.
type series struct {
	Name    string
	Pattern int
	Total   int64
}

// stack is the bar of a day or of some days. Counts are those of each series.
type stack struct {
	report.Bar
	Counts []int64
	Parts  []part
}

// part is what a series has in a bar.
type part struct {
	Pattern             int
	X, Y, Width, Height string
}

// tick is a line of the grid or a date. Odd ones of the dates go where there is little room.
type tick struct {
	At   string
	Text string
	Odd  bool
}

// perDay is the letters by day and control.
func (v View) perDay() chart {
	total := report.ByControl(v.Report)
	names := slices.DeleteFunc(slices.Clone(drawn), func(name string) bool { return total[name] == 0 })
	for _, name := range slices.Sorted(maps.Keys(total)) {
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	var all []series
	for _, name := range names {
		all = append(all, series{Name: name, Pattern: pattern(name), Total: total[name]})
	}
	return v.chart(all, plotHeight, func(series, day string) int64 { return v.Report.PerDay[day][series] })
}

// linesPerDay is the lines of the log by day.
func (v View) linesPerDay() chart {
	s := series{Name: "lines", Pattern: neutral}
	for _, n := range v.Report.Coverage.Days {
		s.Total += n
	}
	if s.Total == 0 {
		return chart{}
	}
	return v.chart([]series{s}, plotHeight/3, func(_, day string) int64 { return v.Report.Coverage.Days[day] })
}

func (v View) chart(all []series, height int, count func(series, day string) int64) chart {
	c := chart{Series: all, Base: plotTop + height, Height: plotTop + height + 36}
	first, last := report.Span(v.Report)
	var most int64
	for _, s := range all {
		c.Total += s.Total
		for i, b := range report.Bars(first, last, mostBars, func(day string) int64 { return count(s.Name, day) }) {
			if i == len(c.Bars) {
				c.Bars = append(c.Bars, stack{Bar: report.Bar{From: b.From, To: b.To}})
			}
			bar := &c.Bars[i]
			bar.Count += b.Count
			bar.Counts = append(bar.Counts, b.Count)
			most = max(most, bar.Count)
			c.Several = c.Several || b.From != b.To
		}
	}
	if most == 0 {
		return chart{}
	}
	step := niceStep(most, height)
	top := (most + step - 1) / step * step
	scale := func(n int64) float64 { return float64(n) * float64(height) / float64(top) }
	for n := int64(0); n <= top; n += step {
		line := tick{At: units(float64(c.Base) - scale(n))}
		if n > 0 {
			line.Text = v.number(n)
		}
		c.Grid = append(c.Grid, line)
	}
	slot := float64(chartWidth-gutter) / float64(len(c.Bars))
	for i := range c.Bars {
		bar, y := &c.Bars[i], float64(c.Base)
		width := min(slot*0.78, 44)
		for n, s := range all {
			if bar.Counts[n] == 0 {
				continue
			}
			// Even a single letter can be seen.
			h := max(2, scale(bar.Counts[n]))
			y -= h
			bar.Parts = append(bar.Parts, part{s.Pattern, units(gutter + slot*(float64(i)+0.5) - width/2), units(y), units(width), units(h)})
		}
	}
	c.dates(v, slot)
	return c
}

// dates puts about six dates below the bars.
func (c *chart) dates(v View, slot float64) {
	every := max(1, (len(c.Bars)+5)/6)
	for i := 0; i < len(c.Bars); i += every {
		c.Dates = append(c.Dates, tick{At: units(gutter + slot*(float64(i)+0.5)), Text: v.shortDay(c.Bars[i].From), Odd: len(c.Dates)%2 == 1})
	}
}

// niceStep is the distance of the lines of the grid: 1, 2 or 5 times a power of ten, so that there are a few lines.
func niceStep(most int64, height int) int64 {
	lines := int64(max(1, height/45))
	for step := int64(1); ; step *= 10 {
		for _, times := range []int64{1, 2, 5} {
			if step*times*lines >= most {
				return step * times
			}
		}
	}
}

func units(x float64) string { return strings.TrimSuffix(fmt.Sprintf("%.1f", x), ".0") }

// spark is the small chart of a group: a path, and the numbers.
type spark struct {
	Path string
	Bars []report.Bar
	Most int64
}

// The sizes of a small chart, and how many bars it has at most.
const (
	sparkWidth  = 160
	sparkHeight = 32
	mostSparks  = 31
)

func (v View) spark(g evidence.Group) spark {
	bars := report.Timeline(v.Report, g, mostSparks)
	s := spark{}
	for _, b := range bars {
		s.Most = max(s.Most, b.Count)
	}
	var path strings.Builder
	slot := float64(sparkWidth) / float64(max(1, len(bars)))
	for i, b := range bars {
		if b.Count == 0 {
			continue
		}
		s.Bars = append(s.Bars, b)
		h := max(1.5, float64(b.Count)*sparkHeight/float64(s.Most))
		fmt.Fprintf(&path, "M%s %dv-%sh%sv%sz", units(slot*float64(i)), sparkHeight, units(h), units(max(1, slot-1)), units(h))
	}
	s.Path = path.String()
	return s
}

// shortDay is a day without its year.
func (v View) shortDay(day string) string {
	t, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return day
	}
	if v.Language == "de" {
		return t.Format("02.01.")
	}
	return t.Format("2 Jan")
}
