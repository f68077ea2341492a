package harden

import (
	"cmp"
	"context"
	"errors"
	"maps"

	"ucs-harden/controls"
	"ucs-harden/lists"
	"ucs-harden/mailbox"
	"ucs-harden/outcome"
	"ucs-harden/plan"
	"ucs-harden/rules"
)

// ListChange is the result of Add or Remove.
type ListChange struct {
	// Action is "added", "changed", "removed", or "" when there was nothing to do.
	Action string
	Mode   plan.Mode
	Entry  lists.Entry
	// Fields are the names of the fields that were changed.
	Fields []string
	// Sync is the result of the sync, nil without Now. Findings are the findings of its plan about the entry.
	Sync     *Applied
	Findings []plan.Finding
	// Foreign: the sender of an exception is in none of the mail domains.
	Foreign bool
	// Unknown is set if the directory does not have what an added entry is about.
	Unknown *Unknown
	// Stopped is set instead of Sync for a list whose entries have modes of their own. Stop is the change.
	Stopped *Stopped
	Stop    *Applied
}

// ListOptions are the options of Add and Remove.
type ListOptions struct {
	// Now applies the list at once, as Sync does. For a list whose entries have modes of their own, it brings only the entry
	// into effect, in every mode of the control and whatever else there is.
	Now bool
	// HoldQueue puts the messages in the queue of an account that is stopped on hold.
	HoldQueue bool
	// Written is called after the entry was written and before it is applied. Rehearsed is called with the result of
	// the rehearsal. Both may be nil.
	Written   func(*ListChange)
	Rehearsed func(*Rehearsal) error
}

// Add adds an entry to the list, or changes the existing entry:
//  1. Add takes the lock, reads the list and checks the change. If the change is not possible, Add returns an
//     *lists.EntryError and has changed nothing.
//  2. One ucr set writes the variables that differ. They are read back.
//  3. With Now, Add applies the list as Sync does. If the sync fails, Add returns a *NotInEffectError. Where entries have
//     modes of their own, Add stops the account instead; if that fails, or if the account can still send, Add returns a
//     *NotStoppedError, in the second case with the change.
//
// wanted is the entry that the fields describe. If it has no name, the name is made from its account, group or address.
// An existing entry keeps its values in the fields that are not given.
func (s *Server) Add(
	ctx context.Context, c controls.Control, wanted lists.Entry, fields map[string]string, o ListOptions,
) (*ListChange, error) {
	stop := o.Now && c.List.OwnMode
	if stop {
		fields = maps.Clone(fields)
		fields["mode"] = string(plan.Enforce)
	}
	done, err := s.add(ctx, c, wanted, fields, o.Now)
	if err != nil && stop {
		failed := outcome.As(outcome.ClassOf(err), &NotStoppedError{wanted, err})
		if outcome.IsUnchanged(err) {
			failed = outcome.Unchanged(failed)
		}
		return nil, failed
	}
	if err != nil {
		return nil, err
	}
	err = s.finish(ctx, c, done, o)
	if c.List.Subject != lists.Client {
		s.addUnknown(ctx, done)
	}
	return done, err
}

// add writes the entry into the registry.
func (s *Server) add(
	ctx context.Context, c controls.Control, wanted lists.Entry, fields map[string]string, now bool,
) (*ListChange, error) {
	l, release, err := s.change(ctx, c, "add", now)
	if err != nil {
		return nil, err
	}
	defer release()
	place := l.Place
	if now && l.OwnMode {
		place = l.PlaceAnyhow
	}
	before, exists, err := place(wanted)
	if err != nil {
		return nil, outcome.Unchanged(err)
	}
	done := &ListChange{Action: "added", Mode: l.mode, Entry: before.With(fields)}
	if why := l.Fault(done.Entry); why != "" && !exists {
		err := l.Error(lists.Incomplete, nil, "cannot add %s: %s", cmp.Or(done.Entry.About(), done.Entry.Name), why)
		return nil, outcome.Unchanged(outcome.As(outcome.Usage, err))
	}
	if exists {
		if now && l.OwnMode {
			fields = l.Mended(before, fields, s.Today())
		}
		done.Entry = before.With(l.Details(fields))
		done.Action, done.Fields = "changed", before.Differences(done.Entry)
		if err := l.Usable(done.Entry, s.Today()); err != nil {
			return nil, outcome.Unchanged(err)
		}
	}
	if l.ByName() && done.Entry.Reason == "" {
		err := l.Error(lists.Incomplete, nil, "cannot add %s: it has no reason", done.Entry.Name)
		return nil, outcome.Unchanged(outcome.As(outcome.Usage, err))
	}
	if sender := done.Entry.Sender; sender != "" {
		done.Foreign = rules.SenderOf("x@"+mailbox.Domain(sender), controls.HostedDomains(l.reg)) == rules.Foreign
	}
	set := l.VariablesTo(before, done.Entry)
	if err := l.held(set, nil); err != nil {
		return nil, err
	}
	if len(set) == 0 {
		done.Action = ""
	} else if err := s.ucr().Set(ctx, set); err != nil {
		return nil, l.Error(lists.NotWritten, nil, "cannot add %s: %w", done.Entry.About(), err)
	}
	return done, nil
}

// Remove removes the one entry from the list that is meant.
func (s *Server) Remove(
	ctx context.Context, c controls.Control, which lists.Which, o ListOptions,
) (*ListChange, error) {
	done, err := s.remove(ctx, c, which, o.Now)
	if err != nil {
		return nil, err
	}
	return done, s.finish(ctx, c, done, o)
}

// remove removes the entry from the registry.
func (s *Server) remove(ctx context.Context, c controls.Control, which lists.Which, now bool) (*ListChange, error) {
	l, release, err := s.change(ctx, c, "remove", now)
	if err != nil {
		return nil, err
	}
	defer release()
	entry, err := l.Find(which)
	if err != nil {
		return nil, outcome.Unchanged(err)
	}
	keys := l.EntryKeys(l.reg, entry.Name)
	if err := l.held(nil, keys); err != nil {
		return nil, err
	}
	if err := s.ucr().Unset(ctx, keys); err != nil {
		return nil, l.Error(lists.NotWritten, nil, "cannot remove %s: %w", entry.About(), err)
	}
	return &ListChange{Action: "removed", Mode: l.mode, Entry: entry}, nil
}

// finish reports what was written and, with Now, applies it.
func (s *Server) finish(ctx context.Context, c controls.Control, done *ListChange, o ListOptions) error {
	if o.Written != nil {
		o.Written(done)
	}
	if !o.Now {
		return nil
	}
	if c.List.OwnMode {
		return s.finishStop(ctx, c, done, o)
	}
	var synced *Applied
	err := s.notPaused()
	if err == nil {
		synced, err = s.sync(ctx, SyncOptions{Rehearsed: o.Rehearsed})
		if ctx.Err() == nil && !busy(err) {
			s.note(synced, err, SyncOptions{})
		}
	}
	if err == nil {
		done.Sync = synced
		err = synced.staysAsItRuns(c.Name)
	}
	switch {
	case err != nil && done.Action != "":
		return outcome.As(outcome.ClassOf(err), &NotInEffectError{err})
	case err != nil:
		return err
	}
	var lacks *EvidenceError
	if errors.As(synced.Held, &lacks) {
		s.Observer.Warning(lacks.Error(), EvidenceHint(lacks))
	}
	done.Findings = c.List.Findings(done.Entry, synced.Plan.Findings)
	return nil
}
