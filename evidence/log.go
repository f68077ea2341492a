package evidence

import (
	"fmt"
	"slices"
	"time"

	"ucs-harden/maillog"
)

// Log says how complete the log is, day by day. It is kept when the log is gone.
type Log struct {
	// Days are by YYYY-MM-DD. A day without a line is absent. One without mail is there, and shows nothing of a check.
	Days map[string]Day `json:"days"`
	// Silences are the times without lines that were unusually long for the part of the log that was read at once. Of
	// these, Gaps are those that are unusual for the whole log.
	Silences []maillog.Gap `json:"silences"`
	// From and To are the first and the last stamp, zero if there is none.
	From time.Time `json:"from"`
	To   time.Time `json:"to"`
	// Unreadable are the files that could not be read the last time.
	Unreadable []maillog.Unreadable `json:"unreadable"`
}

// Day is one day of a log: its lines, those among them in which smtpd(8) takes or refuses mail, those of Postfix that were
// not understood or can be read in several ways, and those that syslogd has dropped. See [maillog.Coverage].
type Day struct {
	Lines     int64 `json:"lines"`
	Mail      int64 `json:"mail,omitempty"`
	Unparsed  int64 `json:"unparsed,omitempty"`
	Ambiguous int64 `json:"ambiguous,omitempty"`
	Lost      int64 `json:"lost,omitempty"`
}

// NewLog is the log of nothing.
func NewLog() Log {
	return Log{Days: map[string]Day{}, Silences: []maillog.Gap{}, Unreadable: []maillog.Unreadable{}}
}

// LogOf is the log that a reading covers.
func LogOf(c maillog.Coverage) Log {
	l := NewLog()
	l.Add(c)
	return l
}

const (
	// mostSilences bounds the silences that are kept; the oldest go.
	mostSilences = 1000
	// shortestGap is that of package maillog. twoWeeks is the time in which one other such silence makes it a usual one.
	shortestGap = time.Hour
	twoWeeks    = 14 * 24 * time.Hour
)

// Gaps are the silences that are unusual for the log, by the rule of maillog.Gap: a log of up to four weeks has no other
// that is at least half as long, and a longer log has less than one in two weeks. A long silence is always one.
func (l Log) Gaps() []maillog.Gap {
	gaps := []maillog.Gap{}
	usual := max(1, int(l.To.Sub(l.From)/twoWeeks)-1)
	for i, s := range l.Silences {
		others := 0
		for j, o := range l.Silences {
			if i != j && 2*o.To.Sub(o.From) >= s.To.Sub(s.From) {
				others++
			}
		}
		if others < usual || s.To.Sub(s.From) >= maillog.LongSilence {
			gaps = append(gaps, s)
		}
	}
	return gaps
}

// Add adds what a later reading covers. Lines that were not understood, or in several ways, count for the last day of the
// reading.
func (l *Log) Add(c maillog.Coverage) {
	for day, lines := range c.Days {
		d := l.Days[day]
		d.Lines, d.Mail = d.Lines+lines, d.Mail+c.Mail[day]
		l.Days[day] = d
	}
	if !c.To.IsZero() {
		d := l.Days[dayOf(c.To)]
		d.Unparsed, d.Ambiguous = d.Unparsed+c.Unparsed, d.Ambiguous+c.Ambiguous
		l.Days[dayOf(c.To)] = d
		if !l.To.IsZero() && c.From.Sub(l.To) >= shortestGap {
			l.Silences = append(l.Silences, maillog.Gap{From: l.To, To: c.From})
		}
		if l.From.IsZero() || c.From.Before(l.From) {
			l.From = c.From
		}
		l.To = later(l.To, c.To)
	}
	for _, loss := range c.Lost {
		d := l.Days[dayOf(loss.Time)]
		d.Lost += max(1, loss.Count)
		l.Days[dayOf(loss.Time)] = d
	}
	l.Silences = append(l.Silences, c.Gaps...)
	l.Silences = l.Silences[max(0, len(l.Silences)-mostSilences):]
	l.Unreadable = append([]maillog.Unreadable{}, c.Unreadable...)
}

// Keep removes the days that a function does not keep.
func (l *Log) Keep(keep func(day string) bool) {
	first, last := "", ""
	for day := range l.Days {
		if !keep(day) {
			delete(l.Days, day)
			continue
		}
		if first == "" || day < first {
			first = day
		}
		last = max(last, day)
	}
	l.Silences = slices.DeleteFunc(l.Silences, func(g maillog.Gap) bool { return !keep(dayOf(g.From)) || !keep(dayOf(g.To)) })
	if first == "" {
		l.From, l.To = time.Time{}, time.Time{}
		return
	}
	l.From, l.To = onDay(l.From, first), onDay(l.To, last)
}

// Clone is a copy that shares nothing.
func (l Log) Clone() Log {
	out := NewLog()
	out.From, out.To = l.From, l.To
	for day, d := range l.Days {
		out.Days[day] = d
	}
	out.Silences, out.Unreadable = append(out.Silences, l.Silences...), append(out.Unreadable, l.Unreadable...)
	return out
}

// Coverage is the log as a coverage, for a report.
func (l Log) Coverage() maillog.Coverage {
	c := maillog.Coverage{
		From: l.From, To: l.To, Days: map[string]int64{}, Mail: map[string]int64{}, Files: []maillog.File{},
		Gaps: l.Gaps(), Lost: []maillog.Loss{},
		Unreadable: append([]maillog.Unreadable{}, l.Unreadable...),
	}
	for day, d := range l.Days {
		c.Days[day] = d.Lines
		if d.Mail > 0 {
			c.Mail[day] = d.Mail
		}
		c.Lines, c.Unparsed, c.Ambiguous = c.Lines+d.Lines, c.Unparsed+d.Unparsed, c.Ambiguous+d.Ambiguous
		if at, err := time.ParseInLocation(time.DateOnly, day, l.To.Location()); err == nil && d.Lost > 0 {
			c.Lost = append(c.Lost, maillog.Loss{Time: at, Count: d.Lost})
		}
	}
	slices.SortFunc(c.Lost, func(a, b maillog.Loss) int { return a.Time.Compare(b.Time) })
	return c
}

// The limits within which a log is complete enough for the gate.
const (
	// maxLost is a share of the lines, maxUnparsed one of the lines about mail, both in per mille.
	maxLost     = 10
	maxUnparsed = 10
	// maxSilence is how old the newest line may be, maxQuiet how old the newest mail: a weekend may pass without any.
	maxSilence = 24 * time.Hour
	maxQuiet   = 3
)

// Covered is how long a log covers the time between two instants: not the days on which smtpd(8) neither took nor refused
// mail, and not its gaps. The lines of other programs show nothing of a check.
func (l Log) Covered(from, to time.Time) (covered time.Duration) {
	from, to = later(from, l.From), earlier(to, l.To)
	if l.From.IsZero() || !from.Before(to) {
		return 0
	}
	gaps := l.Gaps()
	for begin := from; begin.Before(to); {
		y, m, d := begin.Date()
		end := earlier(time.Date(y, m, d+1, 0, 0, 0, 0, begin.Location()), to)
		if l.Days[dayOf(begin)].Mail > 0 {
			covered += end.Sub(begin) - missing(gaps, begin, end)
		}
		begin = end
	}
	return covered
}

// missing is how long gaps last between two instants.
func missing(gaps []maillog.Gap, from, to time.Time) (missing time.Duration) {
	for _, g := range gaps {
		if begin, end := later(from, g.From), earlier(to, g.To); begin.Before(end) {
			missing += end.Sub(begin)
		}
	}
	return min(missing, to.Sub(from))
}

// Lacks says what makes the log between two instants too incomplete for the gate, each with its limit.
func (l Log) Lacks(from, now time.Time) (lacks []Phrase) {
	var sum Day
	newest := ""
	for day, d := range l.Days {
		if day >= dayOf(from) {
			sum.Lines, sum.Mail, sum.Lost = sum.Lines+d.Lines, sum.Mail+d.Mail, sum.Lost+d.Lost
			sum.Unparsed += d.Unparsed
			if d.Mail > 0 {
				newest = max(newest, day)
			}
		}
	}
	switch {
	case sum.Lines == 0:
		return []Phrase{Phrasef("the mail log has no line since %s", momentOf(from))}
	case sum.Mail == 0:
		return []Phrase{Phrasef("the mail log has no line of smtpd(8) about a letter since %s; is it logged elsewhere?", momentOf(from))}
	case newest < dayOf(now.AddDate(0, 0, -maxQuiet)):
		lacks = append(lacks, Phrasef("the newest letter of the mail log is of %s (limit: %d days ago)", Date(newest), maxQuiet))
	}
	if silence := now.Sub(l.To); silence > maxSilence {
		lacks = append(lacks, Phrasef("the newest line of the mail log is of %s (limit: %d hours ago)",
			momentOf(l.To), int(maxSilence.Hours())))
	}
	share := func(n, of int64, limit int64, what Phrase) {
		if of > 0 && n*1000 > of*limit {
			lacks = append(lacks, Phrasef("%d of %s (%s %%, limit: %s %%)", n, what,
				Decimal(fmt.Sprintf("%.1f", float64(n)*100/float64(of))), Decimal(fmt.Sprintf("%.1f", float64(limit)/10))))
		}
	}
	all := sum.Lines + sum.Lost
	share(sum.Lost, all, maxLost, Counted(all, "%d line was dropped by syslogd", "%d lines were dropped by syslogd"))
	about := sum.Mail + sum.Unparsed
	share(sum.Unparsed, about, maxUnparsed,
		Counted(about, "%d line about mail was not understood", "%d lines about mail were not understood"))
	for _, u := range l.Unreadable {
		if !u.Written.IsZero() && u.Written.Before(from) {
			continue // it has nothing of this time
		}
		lacks = append(lacks, Phrasef("%s cannot be read: %s", u.Path, u.Why))
	}
	return lacks
}
