package report

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"ucs-harden/evidence"
)

// maxSpark is how many bars a sparkline has at most, so that it fits beside its dates.
const maxSpark = 30

// longest is how many days are drawn at most. Older ones are only counted.
const longest = 3 * 366

// Span is the first and the last day that a report covers, by its coverage and by its letters, without days later than the
// report. They are zero when there is none.
func Span(r *evidence.Report) (first, last time.Time) {
	days := slices.Collect(maps.Keys(r.PerDay))
	for day := range r.Coverage.Days {
		days = append(days, day)
	}
	for _, t := range []time.Time{r.Coverage.From, r.Coverage.To} {
		if !t.IsZero() {
			days = append(days, dayOf(t))
		}
	}
	for _, day := range days {
		t, err := time.Parse(time.DateOnly, day)
		if err != nil {
			continue
		}
		if !r.At.IsZero() && day > dayOf(r.At) {
			continue
		}
		if first.IsZero() || t.Before(first) {
			first = t
		}
		if t.After(last) {
			last = t
		}
	}
	if oldest := last.AddDate(0, 0, 1-longest); first.Before(oldest) {
		first = oldest
	}
	return first, last
}

// Bar is the letters of some days in a row, of one day in most cases.
type Bar struct {
	From, To string // YYYY-MM-DD, both included
	Count    int64
}

// Bars sums counts by day up to at most so many bars of equal length.
func Bars(first, last time.Time, most int, count func(day string) int64) []Bar {
	if first.IsZero() {
		return nil
	}
	days := int(last.Sub(first).Hours()/24) + 1
	length := (days + most - 1) / most
	var bars []Bar
	for i := range days {
		day := first.AddDate(0, 0, i).Format(time.DateOnly)
		if i%length == 0 {
			bars = append(bars, Bar{From: day})
		}
		b := &bars[len(bars)-1]
		b.To = day
		b.Count += count(day)
	}
	return bars
}

// Timeline is the letters of a group over the days of the report.
func Timeline(r *evidence.Report, g evidence.Group, most int) []Bar {
	first, last := Span(r)
	return Bars(first, last, most, func(day string) (n int64) {
		for _, days := range g.Days {
			n += days[day]
		}
		return n
	})
}

// Sparkline draws bars in a line of text. A bar without letters is a dot below, so that days without letters can be told
// from days with few.
func Sparkline(bars []Bar) string {
	levels := []rune("▁▂▃▄▅▆▇█")
	var most int64
	for _, b := range bars {
		most = max(most, b.Count)
	}
	var out strings.Builder
	for _, b := range bars {
		if b.Count == 0 {
			out.WriteRune('.')
			continue
		}
		out.WriteRune(levels[(b.Count*int64(len(levels))-1)/most])
	}
	return out.String()
}

// perDay writes a sparkline for each control.
func (s *sheet) perDay(r *evidence.Report) {
	first, last := Span(r)
	if len(r.PerDay) == 0 || first.IsZero() {
		return
	}
	total := ByControl(r)
	title := "Logged or refused, " + first.Format(time.DateOnly) + " to " + last.Format(time.DateOnly)
	if r.Source == evidence.FromReplay {
		title = "Would be refused, " + first.Format(time.DateOnly) + " to " + last.Format(time.DateOnly)
	}
	s.title(title)
	var rows [][]string
	for _, control := range slices.SortedFunc(maps.Keys(total), func(a, b string) int {
		return cmp.Or(cmp.Compare(total[b], total[a]), cmp.Compare(a, b))
	}) {
		bars := Bars(first, last, maxSpark, func(day string) int64 { return r.PerDay[day][control] })
		rows = append(rows, []string{Thousands(total[control]), plain(control), Sparkline(bars)})
	}
	s.table(columns{indent: "  ", whole: 3}, rightAligned(rows))
}

// ByControl are the letters of each control.
func ByControl(r *evidence.Report) map[string]int64 {
	total := map[string]int64{}
	for _, day := range r.PerDay {
		for control, n := range day {
			total[control] += n
		}
	}
	return total
}

// Thousands is a number with commas between its groups of three digits; four digits stand together.
func Thousands(n int64) string {
	text := fmt.Sprint(n)
	if len(text) < 5 {
		return text
	}
	var parts []string
	for len(text) > 3 {
		parts = append(parts, text[len(text)-3:])
		text = text[:len(text)-3]
	}
	parts = append(parts, text)
	slices.Reverse(parts)
	return strings.Join(parts, ",")
}
