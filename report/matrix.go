package report

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"ucs-harden/internal/plural"
	"ucs-harden/privatepostfix"
	"ucs-harden/rehearsal"
)

// Matrix writes a rehearsal for people: first what they will notice, then explanations and notes, what is wrong, and the
// answers as a small table. With Full, every message.
func Matrix(w io.Writer, m *rehearsal.Matrix, style Style) error {
	s := &sheet{w: w, Style: style}
	all := m.Consequences()
	first := effect(all)
	s.hang("", s.paint(bold, strings.ToUpper(first[:1])+first[1:]+"."))
	s.hang("", m.Count().String())
	s.consequences(all)
	s.groups(m, rehearsal.OtherCode)
	s.remarks(m)
	if style.Full {
		s.letters(m)
	}
	s.grid(m)
	s.wrong(m)
	s.line("")
	s.hang("", s.paint(bold, m.Count().String()))
	return s.err
}

// MatrixPassed writes what an administrator must know about a rehearsal without wrong answers.
func MatrixPassed(w io.Writer, m *rehearsal.Matrix, style Style) error {
	s := &sheet{w: w, Style: style}
	s.hang("", m.Count().String())
	if s.groups(m, rehearsal.Explained, rehearsal.NotLogged) {
		s.line("")
	}
	s.notes(m)
	return s.err
}

// MatrixWrong writes the wrong answers in groups, the first groups with a dialogue.
func MatrixWrong(w io.Writer, m *rehearsal.Matrix, style Style) error {
	s := &sheet{w: w, Style: style}
	s.wrong(m)
	return s.err
}

var titles = map[rehearsal.Topic]string{
	rehearsal.OtherCode: "Refused as before, with another reply",
	rehearsal.Explained: "Not as the rules say, but explained",
	rehearsal.NotLogged: "Not logged by warn, since something permits it first",
}

// groups writes the groups of topics, and tells whether there were any.
func (s *sheet) groups(m *rehearsal.Matrix, topics ...rehearsal.Topic) bool {
	told := false
	for _, topic := range topics {
		for n, g := range m.Groups(topic) {
			if n == 0 {
				s.title(titles[topic])
			}
			c := g.Example()
			s.hang(fmt.Sprintf("  %4d  ", len(g.Cells)), PlainLines(c.Why)+" (port "+strings.Join(g.Ports, " and ")+")")
			s.hang("        such as ", PlainLines(c.String()))
			s.line("        today %s, plan %s", code(c.Before), code(c.After))
			told = true
		}
	}
	return told
}

// grid writes the answers as a small table.
func (s *sheet) grid(m *rehearsal.Matrix) {
	g := m.Grid()
	changed := func(r rehearsal.GridRow) bool { return slices.ContainsFunc(r.Fields, changes) }
	if !s.Full && !slices.ContainsFunc(g.Rows, changed) {
		return
	}
	s.title("Who may send what, today → with the plan")
	rows := [][]string{append([]string{"WHO", "SENDER", "TO"}, g.Ports...)}
	marked, logged := false, false
	same := 0
	for _, r := range g.Rows {
		if !s.Full && !changed(r) {
			same++
			continue
		}
		rows = append(rows, append([]string{r.Who, r.Sender, r.To}, r.Fields...))
		for _, f := range r.Fields {
			marked, logged = marked || strings.HasSuffix(f, "*"), logged || strings.Contains(f, "log")
		}
	}
	s.table(columns{indent: "  ", heading: true}, rows)
	if same > 0 {
		s.line("  … and %s, answered as today (--all shows them)", plural.Count(same, "more row", "more rows"))
	}
	if logged {
		s.line("  log: accepted, and logged as what enforce would refuse")
	}
	if marked {
		s.line("  *: most of several messages; ucs-harden rehearse --all shows each")
	}
}

// changes says whether the answers in a field of the grid are others with the plan.
func changes(field string) bool { return strings.Contains(field, "→") }

// remarks writes what is explained, what is not logged, and notes, and tells whether there were any.
func (s *sheet) remarks(m *rehearsal.Matrix) bool {
	told := s.groups(m, rehearsal.Explained, rehearsal.NotLogged)
	if len(m.Notes) > 0 {
		s.line("")
	}
	s.notes(m)
	return told || len(m.Notes) > 0
}

func (s *sheet) notes(m *rehearsal.Matrix) {
	for _, note := range m.Notes {
		s.folded("", PlainLines("note: "+note))
	}
}

// maxDialogues is how many groups of wrong answers are shown with a dialogue.
const maxDialogues = 3

func (s *sheet) wrong(m *rehearsal.Matrix) {
	for n, g := range m.Groups(rehearsal.Wrong) {
		c := g.Example()
		s.title("Wrong, " + messagesOn(g) + ":")
		s.folded("  ", PlainLines(c.Why))
		s.folded("      ", PlainLines("such as "+c.String()))
		s.folded("      ", PlainLines("wanted: "+c.Want))
		s.folded("      ", PlainLines("today:  "+c.Before.String()))
		s.folded("      ", PlainLines("plan:   "+c.After.String()))
		if n < maxDialogues {
			for _, l := range append(slices.Clone(c.After.Transcript), c.After.Log...) {
				s.hang("        ", PlainLines(l))
			}
		}
	}
}

// messagesOn is "3 messages on port 465 and 587".
func messagesOn(g rehearsal.Group) string {
	messages := plural.Count(len(g.Cells), "message", "messages")
	return fmt.Sprintf("%s on port %s", messages, strings.Join(g.Ports, " and "))
}

// code is the short form of a reply.
func code(r privatepostfix.Reply) string {
	text := r.Codes()
	if late := r.At == privatepostfix.AtData || r.At == privatepostfix.AtEnd; late && !r.Accepted() {
		text += " at " + r.At
	}
	return text
}
