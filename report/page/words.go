package page

import (
	"fmt"
	"html/template"
	"strings"
	"time"

	"ucs-harden/evidence"
	"ucs-harden/report"
)

// functions are those of the template.
func (v View) functions() template.FuncMap {
	return template.FuncMap{
		"say": v.say, "tell": v.tell, "number": v.number, "day": v.day, "minute": v.minute, "date": v.date, "days": v.days,
		"meaning": func(verdict evidence.Verdict) string { return v.say(meanings[verdict]) },
		"exempt":  v.exempt, "size": func(n int64) string { return v.decimal(report.Bytes(n)) }, "sizeOf": report.Size,
		"iso":      func(t time.Time) string { return t.Local().Format(time.RFC3339) },
		"count":    func(n int, one, many string) string { return v.number(int64(n)) + " " + v.say(choose(n, one, many)) },
		"readyNow": func(ready *bool) bool { return ready != nil && *ready },
		"word":     func(text any) string { return v.say(fmt.Sprint(text)) },
		"class":    func(text any) string { return strings.ReplaceAll(fmt.Sprint(text), " ", "-") },
	}
}

func choose(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}

// tell is a phrase in the language of the page, with what people read as numbers and dates written as there.
func (v View) tell(p evidence.Phrase) string {
	return p.In(v.say, func(arg any) any {
		switch value := arg.(type) {
		case evidence.Date:
			return v.date(string(value))
		case evidence.Moment:
			return v.moment(string(value))
		case evidence.Decimal:
			return v.decimal(string(value))
		}
		return arg
	})
}

// say is a text in the language of the page. The English text is its own key.
func (v View) say(text string) string {
	if v.Language != "de" {
		return text
	}
	if translated, ok := german()[text]; ok {
		return translated
	}
	return text
}

// exempt is for whom an exception is.
func (v View) exempt(e evidence.ExceptionUse) string {
	if e.Client == "" || e.Sender == "" {
		return e.Client + e.Sender
	}
	return e.Client + " " + v.say("as") + " " + e.Sender
}

func (v View) number(n int64) string {
	text := report.Thousands(n)
	if v.Language == "de" {
		return strings.ReplaceAll(text, ",", ".")
	}
	return text
}

// decimal writes the point of a number as the language does.
func (v View) decimal(text string) string {
	if v.Language == "de" {
		return strings.ReplaceAll(text, ".", ",")
	}
	return text
}

func (v View) days(n float64) string { return v.decimal(report.Days(n)) }

// date is a day, given as YYYY-MM-DD.
func (v View) date(day string) string {
	t, err := time.Parse(time.DateOnly, day)
	if err != nil || v.Language != "de" {
		return day
	}
	return t.Format("02.01.2006")
}

// moment is a time, given as time.DateTime.
func (v View) moment(text string) string {
	day, clock, _ := strings.Cut(text, " ")
	return v.date(day) + " " + clock
}

func (v View) day(t time.Time) string { return v.date(t.Local().Format(time.DateOnly)) }

func (v View) minute(t time.Time) string { return v.day(t) + " " + t.Local().Format("15:04") }

// meanings say what a verdict means, for somebody who sees it for the first time.
var meanings = map[evidence.Verdict]string{
	evidence.Forged:       "There is no sign of legitimacy.",
	evidence.InsideDevice: "A device in a network of yours, such as a printer.",
	evidence.OwnServer:    "A server of yours that the directory does not name as a mail server.",
	evidence.Provider:     "Somebody who may send for your domain, such as a newsletter service.",
	evidence.Returning:    "Your own mail comes back, through a mailing list or a forwarder.",
	evidence.NotOwned:     "Somebody has logged in, and writes as somebody else.",
	evidence.Unclear:      "There is a sign of legitimacy, but it is not known who this is.",
}
