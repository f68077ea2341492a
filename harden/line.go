package harden

import (
	"context"
	"fmt"

	"ucs-harden/outcome"
	"ucs-harden/plan"
	"ucs-harden/transaction"
)

// Plan returns what would change in a mode. Plan changes nothing.
func (s *Server) Plan(ctx context.Context, mode plan.Mode) (*Planned, error) {
	return s.PlanFor(ctx, Request{Mode: mode})
}

// PlanFor reads the facts and returns what would change. PlanFor changes nothing.
func (s *Server) PlanFor(ctx context.Context, q Request) (*Planned, error) {
	f, err := s.facts(ctx, q, nil) // facts
	if err != nil {
		return nil, err
	}
	d, err := desire(f) // desired state
	if err != nil {
		return nil, err
	}
	return s.plan(ctx, f, d) // plan
}

// Apply brings the server to what the controls want.
//
//  1. Apply completes or takes back a change that a crash interrupted.
//  2. Apply makes and rehearses the plan, and lets the caller decide. This holds no lock: an unanswered question keeps
//     nobody out.
//     Before the rehearsal, the gate asks the mail log about the controls that change into enforce; if it does not show
//     that this is safe, the error is an EvidenceError.
//  3. Apply takes the lock and checks that the plan is not stale. A failure up to here has changed nothing.
//  4. The transaction backs up, changes, and verifies. When one of its steps fails, it restores the old state and
//     returns transaction.ErrRolledBack. If the restoring fails as well, it returns transaction.ErrIncomplete.
//
// A plan without changes is no error, unless it has a finding that blocks and cannot be accepted.
func (s *Server) Apply(ctx context.Context, o ApplyOptions) (*Applied, error) {
	if err := s.tidy(ctx, "apply"); err != nil {
		return nil, err
	}
	done, err := s.walk(ctx, "apply", o)
	if err == nil {
		s.endPause()
	}
	return done, err
}

// walk runs the steps from the facts to the verification.
func (s *Server) walk(ctx context.Context, what string, o ApplyOptions) (*Applied, error) {
	if err := installed(Programs()...); err != nil {
		return nil, outcome.Unchanged(fmt.Errorf("cannot %s: %w", what, err))
	}
	p, err := s.PlanFor(ctx, o.Request) // facts, desired state, plan
	if err != nil {
		return nil, outcome.Unchanged(err)
	}
	said := &gateAnswer{}
	if o.sync {
		if p, said, err = s.hold(ctx, p, o); err != nil { // evidence
			return nil, outcome.Unchanged(err)
		}
	}
	if goOn, err := o.review(p); err != nil || !goOn {
		return unapplied(p, said.held()), err
	}
	if o.patient {
		if err := s.tooEarly(p); err != nil {
			return nil, err
		}
	}
	if !o.sync {
		if said, err = s.gate(ctx, p, o); err == nil {
			err = said.evidenceError(false)
		}
		if err != nil {
			return nil, outcome.Unchanged(err)
		}
	}
	if err := s.machine().Preflight(p.Plan); err != nil {
		return nil, fmt.Errorf("cannot %s: %w", what, err)
	}
	r, err := s.rehearsed(ctx, p, o) // rehearsal
	if err != nil {
		return nil, err
	}
	within, err := o.decide(p)
	if err != nil {
		return nil, err
	}
	release, err := s.lock(ctx, what)
	if err != nil {
		return nil, err
	}
	defer release()
	if p, err = s.fresh(ctx, p); err != nil {
		return nil, err
	}
	done, err := s.transact(ctx, p, transaction.Options{ // transaction
		Accepted: o.Accepted, Rehearsal: r.Summary(), ConfirmWithin: within, Evidence: said.kept(),
	}, s.verification()) // verification
	if err != nil {
		if o.sync {
			s.rememberUndone(p, err)
		}
		return nil, err
	}
	done.Held = said.held()
	s.keepAccepted(ctx, p, findingsIn(o.Accepted), said.accepted)
	return done, nil
}
