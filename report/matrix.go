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

// Matrix writes a rehearsal for people. First come the answers that differ from today's, in groups, with an example
// of each group; with Full, every message. Then come explanations and notes, then what is wrong.
func Matrix(w io.Writer, m *rehearsal.Matrix, style Style) error {
	s := &sheet{w: w, Style: style}
	if style.Full {
		s.letters(m)
	} else {
		s.groups(m, rehearsal.NowRefused, rehearsal.NowAccepted, rehearsal.OtherCode)
	}
	s.remarks(m)
	s.wrong(m)
	s.line("")
	s.line("%s", s.paint(bold, m.Count().String()))
	return s.err
}

// MatrixPassed writes what an administrator must know about a rehearsal without wrong answers.
func MatrixPassed(w io.Writer, m *rehearsal.Matrix, style Style) error {
	s := &sheet{w: w, Style: style}
	if s.remarks(m) {
		s.line("")
	}
	s.line("%s", m.Count())
	return s.err
}

// MatrixWrong writes the wrong answers in groups, the first groups with a dialogue.
func MatrixWrong(w io.Writer, m *rehearsal.Matrix, style Style) error {
	s := &sheet{w: w, Style: style}
	s.wrong(m)
	return s.err
}

var titles = map[rehearsal.Topic]string{
	rehearsal.NowRefused:  "Accepted today, refused by the plan:",
	rehearsal.NowAccepted: "Refused today, accepted by the plan:",
	rehearsal.OtherCode:   "Refused today and by the plan, with another code:",
	rehearsal.Explained:   "Not as the rules say, but explained:",
	rehearsal.NotLogged:   "Not logged by warn, since something permits it first:",
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
			s.folded("  ", fmt.Sprintf("%s: %s", messagesOn(g), c.Why))
			s.folded("      ", "such as "+c.String())
			s.line("      today %s, plan %s", code(c.Before), code(c.After))
			told = true
		}
	}
	return told
}

// folded writes text in lines of 80 columns, except for words that are longer.
func (s *sheet) folded(indent, text string) {
	for _, l := range wrap(PlainLines(text), 80-len(indent)) {
		s.line("%s%s", indent, l)
	}
}

// remarks writes what is explained, what is not logged, and notes, and tells whether there were any.
func (s *sheet) remarks(m *rehearsal.Matrix) bool {
	told := s.groups(m, rehearsal.Explained, rehearsal.NotLogged)
	if len(m.Notes) > 0 {
		s.line("")
	}
	for _, note := range m.Notes {
		s.folded("", "note: "+note)
	}
	return told || len(m.Notes) > 0
}

// maxDialogues is how many groups of wrong answers are shown with a dialogue.
const maxDialogues = 3

func (s *sheet) wrong(m *rehearsal.Matrix) {
	for n, g := range m.Groups(rehearsal.Wrong) {
		c := g.Example()
		s.title("Wrong, " + messagesOn(g) + ":")
		s.folded("  ", c.Why)
		s.folded("      ", "such as "+c.String())
		s.folded("      ", "wanted: "+c.Want)
		s.folded("      ", "today:  "+c.Before.String())
		s.folded("      ", "plan:   "+c.After.String())
		if n < maxDialogues {
			for _, l := range append(slices.Clone(c.After.Transcript), c.After.Log...) {
				s.line("        %s", PlainLines(l))
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
	if r.Code == 0 {
		return "none"
	}
	text := strings.TrimSpace(fmt.Sprintf("%d %s", r.Code, r.Enhanced))
	if late := r.At == privatepostfix.AtData || r.At == privatepostfix.AtEnd; late && !r.Accepted() {
		text += " at " + r.At
	}
	return text
}
