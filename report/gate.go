package report

import (
	"fmt"
	"io"
	"strconv"
	"strings"

	"ucs-harden/evidence"
	"ucs-harden/internal/plural"
	"ucs-harden/plan"
)

// Gate writes why controls may not come to enforce: what is missing, and the open groups, each with its verdict, what to
// do about it, and how to go on all the same.
func Gate(w io.Writer, controls []evidence.Readiness, groups []evidence.Group, style Style) error {
	s := &sheet{w: w, Style: style}
	s.title("Evidence")
	var rows [][]string
	for _, r := range controls {
		rows = append(rows, []string{r.Name(), s.readyOrNot(r)})
	}
	s.table(columns{indent: "  "}, rows)
	for i, g := range groups {
		if i == mostGroups {
			s.line("  … and %s, which ucs-harden report shows", plural.Count(len(groups)-i, "more group", "more groups"))
			break
		}
		s.openAtGate(g)
	}
	return s.err
}

// mostGroups is how many groups the screen shows.
const mostGroups = 8

func (s *sheet) openAtGate(g evidence.Group) {
	const indent = "           "
	s.hang("  "+s.paint(yellow, "open")+"     ", plain(g.ID))
	s.hang(indent, PlainLines(fmt.Sprintf("%s, %s: %s", g.Verdict, plural.Count(int(g.Count), "letter", "letters"), g.Reason)))
	if !g.Reopened.IsZero() {
		s.hang(indent+"accepted before, but ", PlainLines(g.Reopened.String()))
	}
	if len(g.Fixes) > 0 {
		s.firstFix(indent, g.Fixes[0])
	}
	s.advise(indent+"to go on all the same: ", "--accept "+plan.Quote(evidence.AcceptPrefix+g.ID))
}

// firstFix says what to do first about a group.
func (s *sheet) firstFix(indent string, fix evidence.Fix) {
	if len(fix.Commands) == 0 {
		s.hang(indent+"to do: ", PlainLines(fix.Text.String()))
		return
	}
	var words []string
	for _, word := range fix.Commands[0] {
		words = append(words, plan.Quote(word))
	}
	s.advise(indent+"to clear it: ", PlainLines(strings.Join(words, " ")))
}

// readyOrNot says in one line whether a control may come to enforce.
func (s *sheet) readyOrNot(r evidence.Readiness) string {
	shown := strconv.FormatFloat(r.Days, 'f', -1, 64) + " of " + strconv.FormatFloat(r.MinDays, 'f', -1, 64) + " days"
	if r.By == evidence.FromReplay {
		shown += " by a replay"
	}
	var why []string
	if n := len(r.Open); n > 0 {
		why = append(why, plural.Count(n, "open group", "open groups"))
	}
	for _, missing := range r.Missing {
		why = append(why, missing.String())
	}
	switch {
	case r.Running == plan.Enforce:
		return s.paint(green, "enforced")
	case !r.Gated:
		return "needs no evidence"
	case r.Ready:
		return s.paint(green, "ready to enforce") + ": " + shown + ", no open group"
	case r.Wanted == plan.Enforce && r.Running == plan.Warn:
		return s.paint(yellow, "held in warn") + ": " + PlainLines(strings.Join(why, "; "))
	}
	return "not ready: " + PlainLines(strings.Join(why, "; "))
}
