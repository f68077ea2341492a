package report

import (
	"fmt"
	"io"

	"ucs-harden/harden"
	"ucs-harden/internal/plural"
)

// ExceptionsText writes the exceptions for people, one line for each. Full shows long texts whole.
func ExceptionsText(w io.Writer, all *harden.Exceptions, style Style) error {
	s := &sheet{w: w, Style: style}
	expired, faulty := 0, 0
	if len(all.Exceptions) > 0 {
		rows := [][]string{{"NAME", "CLIENT", "SENDER", "REASON", "OWNER", "EXPIRES", "LAST USED"}}
		for _, e := range all.Exceptions {
			switch {
			case e.Fault != "":
				faulty++
			case e.Expired:
				expired++
			}
			rows = append(rows, []string{
				cell(e.Name), anyOr(e.Client), anyOr(e.Sender), s.short(e.Reason), s.short(e.Owner), cell(e.Expires),
				lastUsed(all, e), s.exceptionMark(e),
			})
		}
		s.table(columns{most: widestColumn, heading: true}, rows)
		s.line("")
	}
	summary := plural.Count(len(all.Exceptions), "exception", "exceptions")
	if expired > 0 {
		summary += fmt.Sprintf(", %d expired", expired)
	}
	if faulty > 0 {
		summary += fmt.Sprintf(", %d faulty", faulty)
	}
	s.line("%s; %s is %s.", summary, all.Control, modeWords[all.Mode])
	return s.err
}

// anyOr is a client or sender. An exception that names none is for any.
func anyOr(value string) string {
	if value == "" {
		return "any"
	}
	return plain(value)
}

// lastUsed is the day of the last use, as far as it is known.
func lastUsed(all *harden.Exceptions, e harden.Exception) string {
	switch {
	case e.Last != nil:
		return e.Last.Local().Format("2006-01-02")
	case all.Since != nil:
		return "never"
	}
	return "not known"
}

// exceptionMark is why an exception has no effect, or may not be needed.
func (s *sheet) exceptionMark(e harden.Exception) string {
	switch {
	case e.Fault != "":
		return s.paint(red, "faulty: "+plain(e.Fault))
	case e.Expired:
		return s.paint(yellow, "expired")
	case e.Unused:
		return s.paint(yellow, fmt.Sprintf("unused for %d days", int(harden.ExceptionUnused.Hours()/24)))
	}
	return ""
}
