package harden

import (
	"context"
	"fmt"
	"time"

	"ucs-harden/outcome"
	"ucs-harden/plan"
	"ucs-harden/rehearsal"
	"ucs-harden/transaction"
)

// ApplyOptions say what to apply, and who is asked on the way. A nil function asks nobody.
type ApplyOptions struct {
	// Mode is the mode of all controls; "" is what the registry says.
	Mode plan.Mode
	// Shown is the only plan that may be applied; nil is whatever the plan is now.
	Shown *plan.Plan
	// Accepted are the findings to go on in spite of.
	Accepted []string
	// SkipRehearsal applies what nobody has tried.
	SkipRehearsal bool
	// ConfirmWithin is how long the apply waits to be confirmed; 0 is not at all.
	ConfirmWithin time.Duration

	// Planned is shown the plan before anything is made of it.
	Planned func(*Planned) error
	// Rehearsed is shown what came of the rehearsal.
	Rehearsed func(*Rehearsal) error
	// Decide has the last word; it may set how long the apply waits to be confirmed.
	Decide func(p *Planned, within time.Duration) (time.Duration, error)
}

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
	return s.transact(ctx, p, transaction.Options{ // transaction and verification
		Accepted: o.Accepted, Rehearsal: r.Summary(), ConfirmWithin: within,
	})
}

// review shows the plan and looks whether it may be applied; false when there is nothing to apply.
func (o ApplyOptions) review(p *Planned) (goOn bool, err error) {
	if o.Shown != nil {
		if err := sameAs(o.Shown, p.Plan); err != nil {
			return false, err
		}
	}
	if o.Planned != nil {
		if err := o.Planned(p); err != nil {
			return false, err
		}
	}
	if err := p.UnknownAccepted(o.Accepted); err != nil {
		return false, outcome.Unchanged(&AcceptError{err})
	}
	if !p.Changes() {
		return false, blocked(p.Plan, p.AcceptableIDs())
	}
	return true, blocked(p.Plan, o.Accepted)
}

func (o ApplyOptions) decide(p *Planned) (time.Duration, error) {
	if o.Decide == nil {
		return o.ConfirmWithin, nil
	}
	return o.Decide(p, o.ConfirmWithin)
}

// Rehearsal is what came of rehearsing a plan before it is applied.
type Rehearsal struct {
	// Matrix is nil when the rehearsal was skipped or not possible.
	Matrix *rehearsal.Matrix
	// Impossible is why there was none although all controls go off: that is a way back, which does not wait for it.
	Impossible error
}

// Summary is the rehearsal in one line, for the history.
func (r *Rehearsal) Summary() string {
	switch {
	case r.Matrix != nil:
		return r.Matrix.Count().String()
	case r.Impossible != nil:
		return "not possible"
	}
	return "skipped"
}

// rehearsed rehearses a plan before it is applied. A wrong answer stops the apply.
func (s *Server) rehearsed(ctx context.Context, p *Planned, o ApplyOptions) (*Rehearsal, error) {
	r := &Rehearsal{}
	if !o.SkipRehearsal {
		m, err := s.Rehearse(ctx, p)
		switch {
		case err == nil:
			r.Matrix = m
		case ctx.Err() == nil && allOff(p.Plan):
			r.Impossible = err
		default:
			return nil, outcome.Unchanged(&RehearsalError{err})
		}
	}
	if o.Rehearsed != nil {
		if err := o.Rehearsed(r); err != nil {
			return nil, err
		}
	}
	if r.Matrix != nil && r.Matrix.Count().Wrong > 0 {
		return nil, outcome.Unchanged(&WrongAnswersError{r.Matrix})
	}
	return r, nil
}

func allOff(p *plan.Plan) bool {
	for _, c := range p.Controls {
		if c.Active() {
			return false
		}
	}
	return true
}
