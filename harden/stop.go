package harden

import (
	"context"
	"errors"
	"fmt"
	"time"

	"ucs-harden/controls"
	"ucs-harden/outcome"
	"ucs-harden/plan"
	"ucs-harden/transaction"
	"ucs-harden/ucr"
)

// stop brings the accounts that are stopped in every mode up to date, and nothing else. It does not depend on the rest of
// the plan, on the modes, on the directory, or on a change that waits to be confirmed. removed is an entry that was taken
// from the list, or "".
func (s *Server) stop(ctx context.Context, removed string) (*Applied, error) {
	return planAnew(ctx, func() (*Applied, error) { return s.stopOnce(ctx, removed) })
}

// stopOnce runs the steps of walk, without the rehearsal and the questions.
func (s *Server) stopOnce(ctx context.Context, removed string) (*Applied, error) {
	const what = "stop the account"
	if err := installed(Programs()...); err != nil {
		return nil, outcome.Unchanged(err)
	}
	f, err := s.facts(ctx, Request{stop: true, removed: removed}, nil)
	if err != nil {
		return nil, outcome.Unchanged(err)
	}
	d, err := desire(f)
	if err != nil {
		return nil, outcome.Unchanged(err)
	}
	p, err := s.plan(ctx, f, d)
	if err != nil {
		return nil, outcome.Unchanged(err)
	}
	if err := blocked(&plan.Plan{Findings: d.Findings}, nil); err != nil {
		return nil, err
	}
	if !p.Changes() {
		return unapplied(p, nil), nil
	}
	if err := s.machine().Preflight(p.Plan); err != nil {
		return nil, err
	}
	release, err := s.lockUrgently(ctx, what)
	if err != nil {
		return nil, err
	}
	defer release()
	if p, err = s.fresh(ctx, p); err != nil {
		return nil, err
	}
	return s.transact(ctx, p, transaction.Options{Urgent: true, Rehearsal: "none: an account was stopped"}, s.verification())
}

// lockWait is how long a stop waits for another ucs-harden to end.
const lockWait = 2 * time.Minute

// lockUrgently takes the lock, and waits for it. It completes or takes back a change that a crash interrupted. A change that
// waits to be confirmed, or cannot be taken back, does not matter.
func (s *Server) lockUrgently(ctx context.Context, what string) (release func(), err error) {
	defer s.Observer.Progress("")
	for end := time.Now().Add(lockWait); ; {
		release, err = transaction.Lock(lockFile)
		if !errors.Is(err, transaction.ErrLocked) || time.Now().After(end) {
			break
		}
		s.Observer.Progress("waiting for another ucs-harden to end")
		select {
		case <-ctx.Done():
			return nil, outcome.Unchanged(ctx.Err())
		case <-time.After(50 * time.Millisecond):
		}
	}
	if err != nil {
		return nil, outcome.Unchanged(fmt.Errorf("cannot %s: %w", what, err))
	}
	_, _, _ = s.recoverAll(ctx)
	return release, nil
}

// uphold brings the accounts that are stopped up to date after a change was taken back: their checks repeat what stands in
// the restriction lists behind them.
func (s *Server) uphold(ctx context.Context) {
	reg, err := ucr.Load(s.Root)
	if err != nil || len(controls.StoppedEntries(registryOf{reg}, s.Today())) == 0 {
		return
	}
	done, err := s.stop(context.WithoutCancel(ctx), "")
	switch {
	case err != nil:
		s.Observer.Warning("the accounts that are stopped could not be brought up to date: "+err.Error(), "ucs-harden sync")
	case done.Changed:
		s.Observer.Upheld(done)
	}
}
