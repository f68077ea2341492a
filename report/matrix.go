package report

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"ucs-harden/privatepostfix"
	"ucs-harden/rehearsal"
)

// Matrix writes a rehearsal for people: where the answers differ from today's,
// letters of which the same is to say together, with one of them; or, in full,
// every letter. Then what is to know about it, and last what is wrong.
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

// MatrixPassed writes what an administrator must know of a rehearsal in which
// nothing is wrong.
func MatrixPassed(w io.Writer, m *rehearsal.Matrix, style Style) error {
	s := &sheet{w: w, Style: style}
	if s.remarks(m) {
		s.line("")
	}
	s.line("%s", m.Count())
	return s.err
}

// MatrixWrong writes what is wrong, with a dialogue of each kind.
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

// groups writes topics, and says whether there was anything to tell.
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

// folded writes text in lines that fit the narrowest terminals in use, as far as
// its words let it.
func (s *sheet) folded(indent, text string) {
	for _, l := range wrap(plainLines(text), 80-len(indent)) {
		s.line("%s%s", indent, l)
	}
}

// remarks are what is not as the controls have it, and notes. It says whether
// there are any.
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

// maxDialogues is how many kinds of wrong letters are shown with a dialogue.
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
				s.line("        %s", plainLines(l))
			}
		}
	}
}

// messagesOn is "3 messages on port 465 and 587".
func messagesOn(g rehearsal.Group) string {
	ports := make([]string, len(g.Ports))
	for i, port := range g.Ports {
		ports[i] = strconv.Itoa(port)
	}
	return fmt.Sprintf("%s on port %s", count(len(g.Cells), "message", "messages"), strings.Join(ports, " and "))
}

// code is the short form of a reply.
func code(r privatepostfix.Reply) string {
	if r.Code == 0 {
		return "none"
	}
	return strings.TrimSpace(fmt.Sprintf("%d %s", r.Code, r.Enhanced))
}
