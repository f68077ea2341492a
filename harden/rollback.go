package harden

import (
	"context"
	"fmt"
	"slices"

	"ucs-harden/history"
	"ucs-harden/outcome"
	"ucs-harden/transaction"
)

// RollbackOptions are the options of Rollback.
type RollbackOptions struct {
	// ID is the change to take back. To takes back all that are newer than this change. Without both, Rollback takes the
	// last change back that is in effect.
	ID, To string
	// Force overwrites what somebody else has changed since.
	Force bool
	// Decide is called before anything is changed, with the changes to take back, the newest first. It may be nil. An error
	// ends the rollback.
	Decide func([]history.Change) error
}

// Rollback takes changes back, the newest first, and returns those that it has taken back, also with an error:
//
//  1. Rollback finishes what a crash interrupted, chooses the changes and lets the caller decide. This holds no lock.
//  2. Rollback takes the lock. If the choice is another one now, the error is transaction.ErrStale.
//  3. Each change is taken back by a transaction of its own. If somebody else has changed the same since, the error is
//     transaction.ErrConflict, unless Force is set. What somebody else changes meanwhile is kept and named.
func (s *Server) Rollback(ctx context.Context, o RollbackOptions) ([]*transaction.TakenBack, error) {
	done, err := s.rollback(ctx, o)
	if len(done) > 0 {
		s.uphold(ctx)
	}
	return done, err
}

func (s *Server) rollback(ctx context.Context, o RollbackOptions) ([]*transaction.TakenBack, error) {
	if err := installed("ucr", "postconf", "postfix"); err != nil {
		return nil, outcome.Unchanged(fmt.Errorf("cannot roll back: %w", err))
	}
	if err := s.tidy(ctx, "rollback"); err != nil {
		return nil, err
	}
	chosen, err := s.machine().Chosen(o.ID, o.To)
	if err != nil {
		return nil, fmt.Errorf("cannot roll back: %w", err)
	}
	if o.Decide != nil {
		if err := o.Decide(history.Of(chosen).Changes); err != nil {
			return nil, err
		}
	}
	release, err := s.lock(ctx, "rollback")
	if err != nil {
		return nil, err
	}
	defer release()
	now, err := s.machine().Chosen(o.ID, o.To)
	same := func(a, b transaction.Record) bool { return a.ID == b.ID }
	if err != nil || !slices.EqualFunc(chosen, now, same) {
		return nil, outcome.Unchanged(fmt.Errorf("cannot roll back: %w: other changes are in effect now", transaction.ErrStale))
	}
	defer s.Observer.Progress("")
	var done []*transaction.TakenBack
	for _, r := range chosen {
		back, err := s.machine().Rollback(ctx, r.ID, o.Force)
		if err != nil {
			return done, unfinished(done, fmt.Errorf("cannot roll back: %w", &ChangeError{ID: r.ID, Err: err}))
		}
		s.ended(ctx, back.ID)
		done = append(done, back)
	}
	return done, nil
}

// unfinished adds what was already taken back to an error, which is about the next change only.
func unfinished(done []*transaction.TakenBack, err error) error {
	if len(done) == 0 {
		return err
	}
	last := done[len(done)-1].ID
	return outcome.As(outcome.ClassOf(err), &PartlyBackError{Last: last, Err: err})
}
