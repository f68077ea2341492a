package harden

import (
	"context"
	"errors"
	"fmt"

	"ucs-harden/controls"
	"ucs-harden/lists"
	"ucs-harden/outcome"
	"ucs-harden/plan"
)

// listing is the list of a control that is about to be changed.
type listing struct {
	lists.Contents
	control string
	reg     registryOf
	mode    plan.Mode
}

// change takes the lock and reads the list.
func (s *Server) change(ctx context.Context, c controls.Control, action string, now bool) (*listing, func(), error) {
	what := c.List.Adding()
	if action == "remove" {
		what = c.List.Removing()
	}
	lock := s.lock
	if now && c.List.OwnMode {
		lock = s.lockUrgently
	}
	release, err := lock(ctx, what)
	if err != nil {
		return nil, nil, err
	}
	programs := []string{"ucr"}
	if now {
		programs = Programs()
	}
	l := &listing{Contents: lists.Contents{List: c.List}, control: c.Name}
	if err = installed(programs...); err != nil {
		err = fmt.Errorf("cannot %s: %w", what, err)
	} else if l.reg, l.mode, err = s.listed(c); err == nil || now && c.List.OwnMode && errors.As(err, new(*ModeError)) {
		l.Entries = c.List.Read(l.reg)
		return l, release, nil
	}
	release()
	return nil, nil, outcome.Unchanged(err)
}

// held returns an error if a stronger layer sets one of the variables to be changed.
func (l *listing) held(set map[string]string, unset []string) error {
	f := lists.HeldEntry(l.reg, l.control, set, unset)
	if f == nil {
		return nil
	}
	return outcome.Unchanged(&lists.EntryError{
		Fault: lists.HeldAbove, List: l.List, Finding: f, Err: errors.New("cannot change the list: " + f.Text),
	})
}
