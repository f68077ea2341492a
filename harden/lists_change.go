package harden

import (
	"context"

	"ucs-harden/controls"
	"ucs-harden/lists"
	"ucs-harden/outcome"
	"ucs-harden/plan"
)

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
