package report

import (
	"fmt"
	"maps"
	"slices"
	"strings"

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
		s.hang("  ", fmt.Sprintf("%s to %s, %s lines, %s in %s", c.From.Local().Format(ToTheMinute), c.To.Local().Format(ToTheMinute),
			Thousands(c.Lines), Bytes(c.Bytes), plural.Count(len(c.Files), "file", "files")))
	}
	for _, line := range Missing(c) {
		s.hang("  "+s.paint(yellow, "missing: "), PlainLines(line))
	}
	if r.Administrator > 0 {
		s.hang("  ", fmt.Sprintf("%s of a warn_if_reject that is not ours; not counted above", Thousands(r.Administrator)))
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

// Missing says in words what is missing in a log, a sentence each.
func Missing(c maillog.Coverage) (all []string) {
	some := func(n int, kinds string, name func(int) string) {
		for i := range min(n, mostMissing) {
			all = append(all, name(i))
		}
		if n > mostMissing {
			all = append(all, fmt.Sprintf("%d more %s", n-mostMissing, kinds))
		}
	}
	some(len(c.Gaps), "gaps", func(i int) string {
		g := c.Gaps[i]
		return fmt.Sprintf("no lines from %s to %s", g.From.Local().Format(ToTheMinute), g.To.Local().Format(ToTheMinute))
	})
	some(len(c.Lost), "notices of lost lines", func(i int) string {
		l := c.Lost[i]
		lines := "lines"
		if l.Count > 0 {
			lines = Thousands(l.Count) + " lines"
		}
		return fmt.Sprintf("syslogd lost %s until %s", lines, l.Time.Local().Format(ToTheMinute))
	})
	some(len(c.Unreadable), "files that could not be read", func(i int) string {
		return c.Unreadable[i].Path + " could not be read: " + c.Unreadable[i].Why
	})
	if c.Unparsed > 0 {
		all = append(all, fmt.Sprintf("%s of Postfix were not understood", plural.Count(int(c.Unparsed), "line", "lines")))
	}
	if c.Future > 0 {
		all = append(all, fmt.Sprintf("%s a date in the future; is the clock right?", plural.Count(int(c.Future), "line has", "lines have")))
	}
	return all
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
