package harden

import (
	"context"
	"fmt"

	"ucs-harden/outcome"
	"ucs-harden/plan"
	"ucs-harden/transaction"
)

// Plan reads the facts and says what would change. It changes nothing.
func (s *Server) Plan(ctx context.Context, mode plan.Mode) (*Planned, error) {
	f, err := s.facts(ctx, mode, nil)
	if err != nil {
		return nil, err
	}
	d, err := desire(f)
	if err != nil {
		return nil, err
	}
	return s.plan(ctx, f, d)
}

// Apply brings the server to what the controls want.
//
//  1. It takes the lock, and finishes what a crash left.
//  2. The line is walked as far as the rehearsal; everything before the transaction can fail without a change.
//  3. The transaction backs up, changes, and verifies. When one of its steps fails, the old state is brought back:
//     transaction.ErrRolledBack, or transaction.ErrIncomplete when that failed as well.
//
// A plan without changes is no error, unless a finding stands that cannot be accepted.
func (s *Server) Apply(ctx context.Context, o ApplyOptions) (*Applied, error) {
	release, err := s.lock(ctx, "apply")
	if err != nil {
		return nil, err
	}
	defer release()
	return s.walk(ctx, "apply", o)
}

// Sync applies the modes of the registry again. It asks nobody; rehearsed is shown what came of the rehearsal, and may
// be nil.
func (s *Server) Sync(ctx context.Context, rehearsed func(*Rehearsal) error) (*Applied, error) {
	release, err := s.lock(ctx, "sync")
	if err != nil {
		return nil, err
	}
	defer release()
	return s.walk(ctx, "sync", ApplyOptions{Rehearsed: rehearsed})
}

// walk is the line from the facts to the verification, under the lock.
func (s *Server) walk(ctx context.Context, what string, o ApplyOptions) (*Applied, error) {
	if err := installed(Programs()...); err != nil {
		return nil, outcome.Unchanged(fmt.Errorf("cannot %s: %w", what, err))
	}
	f, err := s.facts(ctx, o.Mode, nil) // facts
	if err != nil {
		return nil, outcome.Unchanged(err)
	}
	d, err := desire(f) // desired state
	if err != nil {
		return nil, outcome.Unchanged(err)
	}
	p, err := s.plan(ctx, f, d) // plan
	if err != nil {
		return nil, outcome.Unchanged(err)
	}
	if goOn, err := o.review(p); err != nil || !goOn {
		return unapplied(p), err
	}
	r, err := s.rehearsed(ctx, p, o) // rehearsal
	if err != nil {
		return nil, err
	}
	within, err := o.decide(p)
	if err != nil {
		return nil, err
	}
	if p, err = s.fresh(ctx, p); err != nil {
		return nil, err
	}
	return s.transact(ctx, p, transaction.Options{ // transaction
		Accepted: o.Accepted, Rehearsal: r.Summary(), ConfirmWithin: within,
	}, s.verification()) // verification
}
