package rehearsal

import (
	"slices"
	"strings"

	"ucs-harden/controls"
)

// tagged reads who refused from the tag of the refusal: the controls with lists
// end theirs with "#ucs-harden:CONTROL". That of sender-spoofing is known by
// its table, which may have been made by hand.
func (s Service) tagged(said, subject, text string) (Decision, bool) {
	control, ok := tagOf(text)
	kind := Kind(control)
	if !ok || !slices.Contains([]Kind{Suspended, LocalOnly, ForeignSender, Protected}, kind) {
		return Decision{}, false
	}
	d := Decision{Kind: kind, Said: said, Places: []Place{}}
	for _, p := range s.Places {
		if strings.HasPrefix(p.key(), control) && p.about(kind, subject, text) {
			d.Places = append(d.Places, p)
		}
	}
	return d, true
}

// tagOf is the control in the tag at the end of a text.
func tagOf(text string) (control string, ok bool) {
	_, control, ok = strings.Cut(text, controls.Tag)
	control, _, _ = strings.Cut(control, " ")
	return control, ok
}

// key is what a variable of ours is called behind its place: "protected-senders"
// of …/05-ucs-harden-4-protected-senders.
func (p Place) key() string {
	_, key, _ := strings.Cut(p.Variable, "-"+madeUp+"-")
	_, key, _ = strings.Cut(key, "-")
	return key
}

// about reports whether one of a control's checks may refuse so: where a class
// comes between, the check that leads there is about somebody else than the
// refusal.
func (p Place) about(kind Kind, subject, text string) bool {
	name, _ := p.name()
	switch kind {
	case Suspended:
		return subject == "" || slices.Contains(tables()[subject], name)
	case Protected:
		bySenders := subject == theSender || strings.Contains(text, controls.LogInToo)
		return bySenders == strings.HasSuffix(p.key(), "-senders")
	}
	return true
}
