package report

import (
	"fmt"
	"io"
	"strings"

	"ucs-harden/privatepostfix"
	"ucs-harden/rehearsal"
	"ucs-harden/rules"
	"ucs-harden/smtpdaccess"
)

// Comparison writes the verdicts of two configurations on one letter, side by side. When the plan changes nothing,
// there is one column.
func Comparison(w io.Writer, c *rehearsal.Comparison, style Style) error {
	s := &sheet{w: w, Style: style}
	d := c.Dialogue
	name := d.ClientName
	if name == "" {
		name = "unknown"
	}
	login := "no login"
	if d.Login != "" {
		login = "logged in as " + d.Login
	}
	s.hang("", s.paint(verdictColor(c), summary(c)))
	s.hang("", PlainLines(fmt.Sprintf("From <%s> to <%s>", d.Sender, d.Recipient)))
	s.hang("", PlainLines(fmt.Sprintf("by %s (%s) on port %s, %s", d.Client, name, d.At(), login)))
	s.line("")

	s.verdicts(c)

	title := "What would change that"
	if !c.Plan.Accepted {
		title = "What would let it pass"
	}
	s.bullets(title, c.Plan.Advice)
	if c.Outcome.Wrong {
		s.title("Not as it should be")
		s.hang("    ", s.paint(red, PlainLines(c.Outcome.Why)))
	}
	for i, note := range c.Notes {
		if i == 0 {
			s.line("")
		}
		s.folded("", PlainLines("note: "+note))
	}
	return s.err
}

// verdictColor is the colour of the verdict with the plan.
func verdictColor(c *rehearsal.Comparison) string {
	if c.Plan.Accepted {
		return green
	}
	return red
}

// verdicts writes both verdicts side by side, or the one that there is.
func (s *sheet) verdicts(c *rehearsal.Comparison) {
	rows := [][]string{{"", "TODAY", "PLAN"}}
	verdicts := []rehearsal.Verdict{c.Today, c.Plan}
	if !c.Changes {
		rows[0], verdicts = []string{"", "TODAY; the plan changes nothing"}, verdicts[1:]
	}
	tell := func(what string, of func(rehearsal.Verdict) string) {
		cells := []string{what}
		for _, v := range verdicts {
			cells = append(cells, PlainLines(of(v)))
		}
		rows = append(rows, cells)
	}
	tell("verdict", verdict)
	tell("reply", func(v rehearsal.Verdict) string { return replied(v.Reply) })
	tell("decided by", func(v rehearsal.Verdict) string { return decidedBy(v.DecidedBy) })
	if len(c.Today.WarnedBy)+len(c.Plan.WarnedBy) > 0 {
		tell("logged", func(v rehearsal.Verdict) string { return warnedBy(v.WarnedBy) })
	}
	tell("reason", reason)
	s.table(columns{folds: true}, rows)
}

func verdict(v rehearsal.Verdict) string {
	switch {
	case v.Accepted:
		return "accepted"
	case v.Reply.Code == 0:
		return "no answer"
	case v.Reply.Code/100 == 4:
		return "put off"
	}
	return "refused"
}

func replied(r privatepostfix.Reply) string {
	if r.Code == 0 {
		return r.Text
	}
	return r.String()
}

// decidedBy names the restriction, or all those that may have decided, one a line. It names the step of the dialogue if
// that is not the usual one.
func decidedBy(d *rehearsal.Decision) string {
	if d == nil {
		return "nothing refused it"
	}
	if at := d.Step; at != "" && at != smtpdaccess.Rcpt {
		decided := *d
		decided.Step = ""
		return "at " + at + ": " + decidedBy(&decided)
	}
	switch {
	case len(d.Places) > 0 && d.Cause != "":
		return places(d.Places) + "\n" + d.Cause
	case len(d.Places) > 0:
		return places(d.Places)
	case d.Parameter != "" && d.Cause != "":
		return "main.cf: " + d.Parameter + "\n" + d.Cause
	case d.Parameter != "":
		return "main.cf: " + d.Parameter
	case d.Cause != "":
		return d.Cause
	}
	return "no restriction of a list"
}

func places(all []rehearsal.Place) string {
	lines := make([]string, len(all))
	for i, p := range all {
		lines[i] = p.String()
	}
	if len(lines) > 1 {
		lines[0] = "one of: " + lines[0]
	}
	return strings.Join(lines, "\n")
}

func warnedBy(all []rehearsal.Decision) string {
	if len(all) == 0 {
		return "–"
	}
	lines := make([]string, len(all))
	for i, d := range all {
		lines[i] = d.Said
		if len(d.Places) > 0 {
			lines[i] += ", by " + strings.ReplaceAll(places(d.Places), "\n", " or ")
		}
	}
	return strings.Join(lines, "\n")
}

// reason is the reason of the rule, with its control.
func reason(v rehearsal.Verdict) string {
	text := v.Ruling.Reason
	if v.Ruling.Control != "" {
		text += " (control " + v.Ruling.Control + ")"
	}
	switch {
	case !v.Ruling.Warned:
		return text
	case v.Ruling.Effect == rules.Unchanged:
		return "logged, not refused: " + v.Ruling.Warning
	}
	return text + "; logged, not refused: " + v.Ruling.Warning
}

func (s *sheet) bullets(title string, lines []string) {
	if len(lines) == 0 {
		return
	}
	s.title(title)
	for _, l := range lines {
		s.hang("  - ", PlainLines(l))
	}
}

func summary(c *rehearsal.Comparison) string {
	words := map[string]string{
		"accepted": "accepts it", "refused": "refuses it", "put off": "puts it off", "no answer": "gives no answer",
	}
	today, next := verdict(c.Today), verdict(c.Plan)
	switch {
	case !c.Changes:
		return "The server " + words[next] + "; the plan changes nothing."
	case today == next:
		return "The server " + words[today] + " today and with the plan."
	}
	return fmt.Sprintf("The server %s today; with the plan it %s.", words[today], words[next])
}
