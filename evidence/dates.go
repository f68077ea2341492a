package evidence

import (
	"cmp"
	"time"
)

func dayOf(t time.Time) string { return t.Format(time.DateOnly) }

// onLaterDay reports whether a is of a later day than b.
func onLaterDay(a, b time.Time) bool {
	y, m, d := a.Date()
	year, month, day := b.Date()
	return cmp.Or(cmp.Compare(y, year), cmp.Compare(m, month), cmp.Compare(d, day)) > 0
}

// dates give the text of a day, which nearly always is that of the time before.
type dates struct {
	year  int
	month time.Month
	day   int
	text  string
}

func (d *dates) of(t time.Time) string {
	if year, month, day := t.Date(); d.text == "" || day != d.day || month != d.month || year != d.year {
		*d = dates{year, month, day, dayOf(t)}
	}
	return d.text
}
