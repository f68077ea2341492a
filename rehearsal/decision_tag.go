package rehearsal

import (
	"slices"
	"strings"

	"ucs-harden/controls"
)

// tagged finds the control that refused by the tag of the refusal, "#ucs-harden:CONTROL". The control knows its checks.
func (s Service) tagged(said, subject, text, action string) (Decision, bool) {
	control, ok := tagOf(text)
	c, known := controls.ByName(control)
	if !ok || !known || c.Refuses == nil {
		return Decision{}, false
	}
	places := s.choose(action, func(p Place) bool {
		name, argument := p.name()
		return c.Refuses(controls.Check{
			Restriction: name, Argument: argument, Variable: p.Variable,
			AboutSubject:   subject == "" || slices.Contains(tables()[subject], name),
			SenderRejected: subject == theSender, Sender: s.sender, Text: text,
		})
	})
	return Decision{Kind: Kind(control), Said: said, Places: places}, true
}

// tagOf is the control in the tag at the end of a text.
func tagOf(text string) (control string, ok bool) {
	_, control, ok = strings.Cut(text, controls.Tag)
	control, _, _ = strings.Cut(control, " ")
	return control, ok
}
