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
	"ucs-harden/ucr"
)

// Entry is an entry of a list, and whether it counts.
type Entry struct {
	lists.Entry
	Expired bool `json:"expired"`
	// Fault says why the entry cannot be used.
	Fault string `json:"fault,omitempty"`
}

// List is the list of a control.
type List struct {
	Schema  int       `json:"schema"`
	Control string    `json:"control"`
	Mode    plan.Mode `json:"mode"`
	// Settings are the registry variables, as far as they are set, that say more about whom the control is for.
	Settings map[string]string `json:"settings"`
	Entries  []Entry           `json:"entries"`
	// Senders: the entries say who may write to what they are about.
	Senders bool `json:"-"`
}

// Useless counts the entries that have no effect; what is faulty is not expired.
func (l *List) Useless() (expired, faulty int) {
	for _, e := range l.Entries {
		switch {
		case e.Fault != "":
			faulty++
		case e.Expired:
			expired++
		}
	}
	return expired, faulty
}

// MayWrite says who may write to a protected address: "insiders", "nobody", or
// the senders that the entry names.
func (e Entry) MayWrite() string {
	switch {
	case e.Variant == "" || e.Variant == "clients":
		return "insiders"
	case strings.TrimSpace(e.Senders) == "":
		return "nobody"
	}
	return e.Senders
}

// ListChange is what Add and Remove have done.
type ListChange struct {
	// Action is "added", "changed", "removed", or "" when there was nothing to do.
	Action string
	Mode   plan.Mode
	Entry  lists.Entry
	// Fields are the names of those that were changed.
	Fields []string
	// Sync is what was applied at once, nil when nothing was asked for. Findings are those of the plan about the entry.
	Sync     *Applied
	Findings []plan.Finding
}

// List shows the list of a control, sorted by what the entries are about.
func (s *Server) List(c controls.Control) (*List, error) {
	reg, mode, err := s.listed(c)
	if err != nil {
		return nil, err
	}
	l := &List{Schema: plan.Schema, Control: c.Name, Mode: mode, Settings: c.Settings(reg), Entries: []Entry{}, Senders: c.List.Senders}
	day := Today()
	for _, e := range c.List.Read(reg) {
		l.Entries = append(l.Entries, Entry{e, e.Expired(day), c.List.Fault(e)})
	}
	slices.SortStableFunc(l.Entries, func(a, b Entry) int {
		return strings.Compare(strings.ToLower(a.About()), strings.ToLower(b.About()))
	})
	return l, nil
}

// listed reads the registry, and the mode of the control.
func (s *Server) listed(c controls.Control) (registryOf, plan.Mode, error) {
	loaded, err := ucr.Load(s.Root)
	reg := registryOf{loaded}
	if err != nil {
		return reg, "", err
	}
	states, _, err := controls.Modes(reg, "")
	if err != nil {
		return reg, "", &ModeError{err}
	}
	i := slices.IndexFunc(states, func(state plan.Control) bool { return state.Name == c.Name })
	return reg, states[i].After, nil
}

// ListOptions say what becomes of a change of a list.
type ListOptions struct {
	// Now applies the list at once, as Sync does.
	Now bool
	// Written is told what was written, before it is applied; Rehearsed what came of the rehearsal. Both may be nil.
	Written   func(*ListChange)
	Rehearsed func(*Rehearsal) error
}

// Add puts an entry into the list, or changes the one there is:
//  1. Under the lock, the list is read and checked with the change in it; what stands against the change is an
//     *EntryError, and nothing is changed.
//  2. One ucr set writes what differs, and it is read back.
//  3. With Now the list is applied, as Sync does; when that fails, the error is a *NotInEffectError.
//
// wanted is what the fields make, without a name for one made from what the entry is about; the fields that are not
// given stay as they are in an entry that is there.
func (s *Server) Add(ctx context.Context, c controls.Control, wanted lists.Entry, fields map[string]string, o ListOptions) (*ListChange, error) {
	l, release, err := s.change(ctx, c, "add", o.Now)
	if err != nil {
		return nil, err
	}
	defer release()
	before, exists, err := l.place(wanted)
	if err != nil {
		return nil, outcome.Unchanged(err)
	}
	done := &ListChange{Action: "added", Mode: l.mode, Entry: before.With(fields)}
	if exists {
		// The account keeps the letters in which it was listed.
		done.Entry = before.With(without(fields, c.List.Subject, "group"))
		done.Action, done.Fields = "changed", before.Differences(done.Entry)
		if err := l.usable(done.Entry); err != nil {
			return nil, outcome.Unchanged(err)
		}
	}
	set := c.List.VariablesTo(before, done.Entry)
	if err := l.held(set, nil); err != nil {
		return nil, err
	}
	if len(set) == 0 {
		done.Action = ""
	} else if err := s.ucr().Set(ctx, set); err != nil {
		return nil, l.fault(NotWritten, nil, "cannot add %s: %w", done.Entry.About(), err)
	}
	return done, s.finish(ctx, c, done, o)
}

// Remove takes the entry with a name out of the list, or, without a name, the one that a word means.
func (s *Server) Remove(ctx context.Context, c controls.Control, name, word string, o ListOptions) (*ListChange, error) {
	l, release, err := s.change(ctx, c, "remove", o.Now)
	if err != nil {
		return nil, err
	}
	defer release()
	entry, err := l.find(name, word)
	if err != nil {
		return nil, outcome.Unchanged(err)
	}
	keys := c.List.EntryKeys(l.reg, entry.Name)
	if err := l.held(nil, keys); err != nil {
		return nil, err
	}
	if err := s.ucr().Unset(ctx, keys); err != nil {
		return nil, l.fault(NotWritten, nil, "cannot remove %s: %w", entry.About(), err)
	}
	done := &ListChange{Action: "removed", Mode: l.mode, Entry: entry}
	return done, s.finish(ctx, c, done, o)
}

// finish brings a change into effect if asked to.
func (s *Server) finish(ctx context.Context, c controls.Control, done *ListChange, o ListOptions) error {
	if o.Written != nil {
		o.Written(done)
	}
	if !o.Now {
		return nil
	}
	synced, err := s.walk(ctx, "sync", ApplyOptions{Rehearsed: o.Rehearsed})
	switch {
	case err != nil && done.Action != "":
		return outcome.As(outcome.ClassOf(err), &NotInEffectError{err})
	case err != nil:
		return err
	}
	done.Sync, done.Findings = synced, c.List.Findings(done.Entry, synced.Plan.Findings)
	return nil
}

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

// held refuses a change of variables that a stronger layer holds.
func (l *listing) held(set map[string]string, unset []string) error {
	f := controls.HeldEntry(l.reg, l.control.Name, set, unset)
	if f == nil {
		return nil
	}
	return outcome.Unchanged(&EntryError{Fault: HeldAbove, Verb: l.control.List.Verb, Finding: f, Err: errors.New("cannot change the list: " + f.Text)})
}

// place finds the entry that an addition is about, or the name for a new one.
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
		return before, false, l.fault(ListedTwice, namesOf(same), "cannot change %s: it is listed more than once, as %s", wanted.About(), shownNames(same))
	case name == "":
		name = lists.EntryName(wanted.About())
		if wanted.Group != "" {
			name = lists.EntryName(wanted.Group)
		}
	}
	i := slices.IndexFunc(l.entries, func(e lists.Entry) bool { return e.Name == name })
	switch {
	case i >= 0 && l.entries[i].SameAs(wanted):
		return l.entries[i], true, nil
	case i >= 0:
		return before, false, l.fault(NameTaken, []string{name}, "cannot add %s: the name %s is taken by %s", wanted.About(), name, lists.Shown(l.entries[i].About()))
	case len(same) > 0:
		return before, false, l.fault(ListedAs, namesOf(same), "cannot add %s as %s: it is listed already, as %s", wanted.About(), name, shownNames(same))
	}
	return lists.Entry{Name: name}, false, nil
}

// usable refuses a change after which the entry still would not count.
func (l *listing) usable(e lists.Entry) error {
	if why := l.control.List.Fault(e); why != "" {
		return l.fault(Unusable, []string{e.Name}, "cannot use the entry %s: %s", e.Name, why)
	}
	if e.Expired(Today()) {
		return l.fault(Expired, []string{e.Name}, "cannot use the entry %s: it expired on %s", e.Name, e.Expires)
	}
	return nil
}

// find is the one entry that a name or a word means. A word that is the name of one entry and what another is about, is
// not guessed at.
func (l *listing) find(name, word string) (lists.Entry, error) {
	var found []lists.Entry
	for _, e := range l.entries {
		means := e.Name == word || strings.EqualFold(e.About(), word) || strings.EqualFold(e.Account+e.Group+e.Address, word)
		if name != "" && e.Name == name || name == "" && word != "" && means {
			found = append(found, e)
		}
	}
	switch len(found) {
	case 1:
		return found[0], nil
	case 0:
		return lists.Entry{}, l.fault(Unlisted, nil, "cannot remove %s: it is not among %s", lists.Shown(name+word), l.control.List.All)
	}
	return lists.Entry{}, l.fault(Ambiguous, namesOf(found), "cannot remove %s: it can mean the entries %s", lists.Shown(word), shownNames(found))
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
