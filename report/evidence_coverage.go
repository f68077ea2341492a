package report

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"ucs-harden/evidence"
	"ucs-harden/internal/plural"
	"ucs-harden/maillog"
)

// exceptionUses writes the exceptions, with their last use.
func (s *sheet) exceptionUses(all []evidence.ExceptionUse) {
	if len(all) == 0 {
		return
	}
	s.title("Exceptions")
	rows := [][]string{}
	for _, e := range all {
		rows = append(rows, []string{plain(e.Name), cell(PlainLines(WhoIsExempt(e))), s.exceptionState(e)})
	}
	s.table(columns{indent: "  ", whole: 1}, rows)
}

// WhoIsExempt is the client and the sender of an exception.
func WhoIsExempt(e evidence.ExceptionUse) string {
	switch {
	case e.Sender == "":
		return e.Client
	case e.Client == "":
		return e.Sender
	}
	return e.Client + " as " + e.Sender
}

func (s *sheet) exceptionState(e evidence.ExceptionUse) string {
	uses := plural.Count(int(e.Uses), "use", "uses")
	if e.Last != nil {
		uses += ", the last on " + dayOf(*e.Last)
	}
	switch {
	case !e.InForce && e.Expires != "":
		return s.paint(yellow, "expired on "+plain(e.Expires))
	case !e.InForce:
		return s.paint(yellow, "not in force")
	case e.Unused:
		return s.paint(yellow, "unused for 45 days")
	}
	return uses
}

// coverage writes what was read, what is missing in it, and what could not be judged.
func (s *sheet) coverage(r *evidence.Report) {
	c := r.Coverage
	s.title("The log")
	if c.From.IsZero() {
		s.line("  no line with a date was read")
	} else {
		where := "in " + plural.Count(len(c.Files), "file", "files")
		if len(c.Files) == 0 {
			where = "from standard input"
		}
		s.hang("  ", fmt.Sprintf("%s to %s, %s lines, %s %s", c.From.Local().Format(ToTheMinute), c.To.Local().Format(ToTheMinute),
			Thousands(c.Lines), Bytes(Size(c)), where))
	}
	for _, line := range Missing(c, nil) {
		s.hang("  "+s.paint(yellow, "missing: "), PlainLines(line))
	}
	for _, note := range r.Notes {
		s.hang("  note: ", PlainLines(note.String()))
	}
	if r.Administrator > 0 {
		s.hang("  ", fmt.Sprintf("%s of a warn_if_reject that is not ours, not counted above", plural.Count(int(r.Administrator), "line", "lines")))
	}
	for _, why := range slices.SortedFunc(maps.Keys(r.CannotTell), func(a, b string) int {
		if r.CannotTell[a] != r.CannotTell[b] {
			return int(r.CannotTell[b] - r.CannotTell[a])
		}
		return strings.Compare(a, b)
	}) {
		s.hang("  "+s.paint(yellow, "cannot tell: "), fmt.Sprintf("%s, because %s", letters(r.CannotTell[why]), PlainLines(why)))
	}
}

func letters(n int64) string {
	if n == 1 {
		return "1 letter"
	}
	return Thousands(n) + " letters"
}

// mostMissing is how many gaps, losses and files are named one by one.
const mostMissing = 5

// Missing says in words what is missing in a log, a sentence each. say translates a format of fmt; nil leaves it in English.
func Missing(c maillog.Coverage, say func(string) string) (all []string) {
	add := func(format string, args ...any) {
		if say != nil {
			format = say(format)
		}
		all = append(all, fmt.Sprintf(format, args...))
	}
	minute := func(t time.Time) string { return t.Local().Format(ToTheMinute) }
	for _, g := range c.Gaps[:min(len(c.Gaps), mostMissing)] {
		add("no lines from %s to %s", minute(g.From), minute(g.To))
	}
	if more := len(c.Gaps) - mostMissing; more > 0 {
		add("%d more times without lines", more)
	}
	for _, l := range c.Lost[:min(len(c.Lost), mostMissing)] {
		if l.Count == 0 {
			add("syslogd lost lines until %s", minute(l.Time))
		} else {
			add("syslogd lost %d lines until %s", l.Count, minute(l.Time))
		}
	}
	if more := len(c.Lost) - mostMissing; more > 0 {
		add("%d more times with lost lines", more)
	}
	for _, u := range c.Unreadable[:min(len(c.Unreadable), mostMissing)] {
		add("%s could not be read: %s", u.Path, u.Why)
	}
	if more := len(c.Unreadable) - mostMissing; more > 0 {
		add("%d more files that could not be read", more)
	}
	if c.Unparsed > 0 {
		add("lines of Postfix that were not understood: %d", c.Unparsed)
	}
	if c.Ambiguous > 0 {
		add("refusals that can be read in several ways, because of what a client wrote: %d", c.Ambiguous)
	}
	if c.Future > 0 {
		add("lines with a date in the future: %d; is the clock right?", c.Future)
	}
	return all
}

// Size is that of the log: of its files, or of the stream that was read. What an earlier reading has read counts as well.
func Size(c maillog.Coverage) int64 {
	size := int64(0)
	for _, f := range c.Files {
		size += f.Offset
	}
	return max(size, c.Bytes)
}

// Bytes is a size for people.
func Bytes(n int64) string {
	const unit = 1024
	if n < unit {
		return fmt.Sprintf("%d B", n)
	}
	value, names := float64(n)/unit, []string{"KiB", "MiB", "GiB"}
	for len(names) > 1 && value >= unit {
		value, names = value/unit, names[1:]
	}
	return fmt.Sprintf("%.1f %s", value, names[0])
}
