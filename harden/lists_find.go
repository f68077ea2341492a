package harden

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"ucs-harden/controls"
	"ucs-harden/lists"
	"ucs-harden/outcome"
	"ucs-harden/plan"
)

// listing is the list of a control that is about to be changed.
type listing struct {
	control controls.Control
	reg     registryOf
	mode    plan.Mode
	entries []lists.Entry
}

// change takes the lock and reads the list.
func (s *Server) change(ctx context.Context, c controls.Control, action string, now bool) (*listing, func(), error) {
	what := c.List.Verb + " " + action
	release, err := s.lock(ctx, what)
	if err != nil {
		return nil, nil, err
	}
	programs := []string{"ucr"}
	if now {
		programs = Programs()
	}
	l := &listing{control: c}
	if err = installed(programs...); err != nil {
		err = fmt.Errorf("cannot %s: %w", what, err)
	} else if l.reg, l.mode, err = s.listed(c); err == nil {
		l.entries = c.List.Read(l.reg)
		return l, release, nil
	}
	release()
	return nil, nil, outcome.Unchanged(err)
}

func (l *listing) fault(fault EntryFault, names []string, format string, args ...any) error {
	return &EntryError{Fault: fault, Verb: l.control.List.Verb, Names: names, Err: fmt.Errorf(format, args...)}
}

// held returns an error if a stronger layer sets one of the variables to be changed.
func (l *listing) held(set map[string]string, unset []string) error {
	f := controls.HeldEntry(l.reg, l.control.Name, set, unset)
	if f == nil {
		return nil
	}
	return outcome.Unchanged(&EntryError{
		Fault: HeldAbove, Verb: l.control.List.Verb, Finding: f, Err: errors.New("cannot change the list: " + f.Text),
	})
}

// place finds the existing entry for an addition, or chooses the name of a new entry.
func (l *listing) place(wanted lists.Entry) (before lists.Entry, exists bool, err error) {
	var same []lists.Entry
	for _, e := range l.entries {
		if e.SameAs(wanted) {
			same = append(same, e)
		}
	}
	name := wanted.Name
	switch {
	case name == "" && len(same) == 1:
		return same[0], true, nil
	case name == "" && len(same) > 1:
		return before, false, l.fault(ListedTwice, namesOf(same),
			"cannot change %s: it is listed more than once, as %s", wanted.About(), shownNames(same))
	case name == "":
		name = lists.EntryName(wanted.Subject())
	}
	i := slices.IndexFunc(l.entries, func(e lists.Entry) bool { return e.Name == name })
	switch {
	case i >= 0 && l.entries[i].SameAs(wanted):
		return l.entries[i], true, nil
	case i >= 0:
		return before, false, l.fault(NameTaken, []string{name},
			"cannot add %s: the name %s is taken by %s", wanted.About(), name, lists.Shown(l.entries[i].About()))
	case len(same) > 0 && !l.control.List.As:
		return before, false, l.fault(ListedAs, namesOf(same),
			"cannot add %s as %s: it is listed already, as %s", wanted.About(), name, shownNames(same))
	}
	return lists.Entry{Name: name}, false, nil
}

// usable returns an error if the changed entry would still have no effect.
func (l *listing) usable(e lists.Entry) error {
	if why := l.control.List.Fault(e); why != "" {
		return l.fault(Unusable, []string{e.Name}, "cannot use the entry %s: %s", e.Name, why)
	}
	if e.Expired(Today()) {
		return l.fault(Expired, []string{e.Name}, "cannot use the entry %s: it expired on %s", e.Name, e.Expires)
	}
	return nil
}

// find returns the one entry that a name or a word means. A word can be the name of one entry and the account, group or
// address of another. Then find returns an error instead of guessing.
func (l *listing) find(name, word string) (lists.Entry, error) {
	var found []lists.Entry
	for _, e := range l.entries {
		means := e.Name == word || strings.EqualFold(e.About(), word) || strings.EqualFold(e.Subject(), word)
		if name != "" && e.Name == name || name == "" && word != "" && means {
			found = append(found, e)
		}
	}
	switch len(found) {
	case 1:
		return found[0], nil
	case 0:
		return lists.Entry{}, l.fault(Unlisted, nil,
			"cannot remove %s: it is not among %s", lists.Shown(name+word), l.control.List.All)
	}
	return lists.Entry{}, l.fault(Ambiguous, namesOf(found),
		"cannot remove %s: it can mean the entries %s", lists.Shown(word), shownNames(found))
}

func without(fields map[string]string, names ...string) map[string]string {
	out := map[string]string{}
	for name, value := range fields {
		if !slices.Contains(names, name) {
			out[name] = value
		}
	}
	return out
}

func namesOf(entries []lists.Entry) []string {
	names := make([]string, len(entries))
	for i, e := range entries {
		names[i] = e.Name
	}
	return names
}

func shownNames(entries []lists.Entry) string {
	names := namesOf(entries)
	for i, name := range names {
		names[i] = lists.Shown(name)
	}
	return strings.Join(names, ", ")
}
