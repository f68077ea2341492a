package harden

import (
	"context"
	"errors"
	"fmt"
	"time"

	"ucs-harden/outcome"
	"ucs-harden/plan"
	"ucs-harden/transaction"
)

// Applied is the result of Apply or Sync.
type Applied struct {
	// ID is the name of the change in the history, or "" if nothing was changed.
	ID      string
	Mode    plan.Mode
	Changed bool
	// Deadline is when the change is taken back unless it is confirmed.
	Deadline *time.Time
	// Stopped: Postfix is not running, so the change takes effect when Postfix starts.
	Stopped bool
	// Plan is the plan that was made, and applied if Changed.
	Plan *Planned
	// Held is an EvidenceError about the controls that a sync has left in warn; nil if there are none.
	Held error
	// Kept are the findings about controls that a sync has left as they run, each with the cause. Skipped are the findings
	// about entries that it has left out.
	Kept, Skipped []plan.Finding
	// Paused is the rollback for which a sync has done nothing, Waiting the apply for which it was put off; nil if there is
	// none.
	Paused  *Pause
	Waiting *Waiting
}

func unapplied(p *Planned, held error) *Applied {
	return &Applied{Mode: p.Mode, Plan: p, Held: held, Kept: p.kept(), Skipped: p.skipped()}
}

// transact applies the plan. The last steps of the transaction are the verification: if it fails, the transaction
// restores the old state.
func (s *Server) transact(
	ctx context.Context, p *Planned, o transaction.Options, v transaction.Verification,
) (*Applied, error) {
	defer s.Observer.Progress("")
	o.Version, o.By, o.Now, o.Registry = s.Version, s.By, s.Clock(), p.facts.registry.NormalValues()
	o.Watch = func(ctx context.Context, id string) error { return s.deadline().Set(ctx, id, o.ConfirmWithin) }
	live := s.livePostfix()
	id, err := s.machineWith(live, v).Apply(ctx, p.Plan, o)
	if err != nil {
		return nil, fmt.Errorf("cannot apply: %w", &ChangeError{ID: id, Err: err})
	}
	done := unapplied(p, nil)
	done.ID, done.Changed, done.Stopped = id, true, live.stopped
	if o.ConfirmWithin > 0 {
		done.Deadline = s.waitsUntil()
	}
	return done, nil
}

// waitsUntil returns the deadline of the apply that waits to be confirmed, or nil if none waits any more.
func (s *Server) waitsUntil() *time.Time {
	j, err := s.store().Journal()
	if err != nil || j == nil || j.Kind != transaction.Confirming {
		return nil
	}
	deadline := j.Until(transaction.Now())
	return &deadline
}

// lock takes the lock. Then it completes or takes back a change that a crash interrupted. While an apply waits to be
// confirmed, lock fails unless the command is a rollback.
func (s *Server) lock(ctx context.Context, what string) (release func(), err error) {
	release, err = transaction.Lock(lockFile)
	if err != nil {
		return nil, outcome.Unchanged(fmt.Errorf("cannot %s: %w", what, err))
	}
	j, _, err := s.recoverAll(ctx)
	switch {
	case errors.Is(err, transaction.ErrNothing):
	case errors.Is(err, transaction.ErrWaiting) && what == "rollback":
	case errors.Is(err, transaction.ErrWaiting):
		release()
		if unwatched := s.deadline().Set(ctx, j.ID, j.Left(transaction.Now())); unwatched != nil {
			err = fmt.Errorf("%w, and nothing would take it back then: %w: %w", err, transaction.ErrUnwatched, unwatched)
		}
		return nil, outcome.Unchanged(fmt.Errorf("cannot %s: %w", what, err))
	default:
		release()
		return nil, fmt.Errorf("cannot %s: %w", what, err)
	}
	return release, nil
}

// recoverAll completes or takes back what a crash interrupted: below an urgent change there may be another. It ends with
// what Recover returns then, and reports whether something was taken back.
func (s *Server) recoverAll(ctx context.Context) (j *transaction.Recovered, back bool, err error) {
	for {
		if j, err = s.machine().Recover(ctx); err != nil {
			return j, back, err
		}
		back = true
		s.ended(ctx, j.ID)
		s.Observer.Recovered(j)
	}
}

// tidy completes or takes back a change that a crash interrupted.
func (s *Server) tidy(ctx context.Context, what string) error {
	before, _ := s.store().Journal()
	release, err := s.lock(ctx, what)
	if err != nil {
		return err
	}
	release()
	if before != nil {
		s.uphold(ctx)
	}
	return nil
}

// Confirm keeps an apply that waits to be confirmed, and returns its ID.
func (s *Server) Confirm(ctx context.Context) (id string, err error) {
	release, err := transaction.Lock(lockFile)
	if err != nil {
		return "", outcome.Unchanged(fmt.Errorf("cannot confirm: %w", err))
	}
	defer release()
	j, err := s.machine().Confirm()
	if err != nil {
		return "", fmt.Errorf("cannot confirm: %w", err)
	}
	s.ended(ctx, j.ID)
	return j.ID, nil
}

// Recovery is the result of Recover.
type Recovery struct {
	// Recovered is the change, or nil if there was nothing to recover.
	*transaction.Recovered
	// Waits: the change waits to be confirmed until Deadline. Recover has only made sure that the deadline is watched.
	Waits    bool
	Deadline time.Time
}

// Recover finishes what a crash interrupted, and takes back an apply that was not confirmed in time.
func (s *Server) Recover(ctx context.Context) (*Recovery, error) {
	r, err := s.recover(ctx)
	if err == nil && r.Recovered != nil && !r.Waits {
		s.uphold(ctx)
	}
	return r, err
}

func (s *Server) recover(ctx context.Context) (*Recovery, error) {
	release, err := transaction.Lock(lockFile)
	if err != nil {
		return nil, outcome.Unchanged(fmt.Errorf("cannot recover: %w", err))
	}
	defer release()
	defer s.Observer.Progress("")
	j, err := s.machine().Recover(ctx)
	switch {
	case err == nil:
		s.ended(ctx, j.ID)
		return &Recovery{Recovered: j}, nil
	case errors.Is(err, transaction.ErrNothing):
		return &Recovery{}, nil
	case errors.Is(err, transaction.ErrWaiting):
		now := transaction.Now()
		if err := s.deadline().Set(ctx, j.ID, j.Left(now)); err != nil {
			return nil, fmt.Errorf("cannot recover: %w: %w", transaction.ErrUnwatched, err)
		}
		return &Recovery{Recovered: j, Waits: true, Deadline: j.Until(now)}, nil
	}
	if j != nil && (j.Kind == transaction.Confirming || j.Kind == transaction.Expired) {
		// At boot nobody else would try again. The error to return is that of the recovery, not of Set.
		_ = s.deadline().Set(ctx, j.ID, 0)
	}
	return nil, fmt.Errorf("cannot recover: %w", err)
}

// Fate is the state of a change, and how long it still waits to be confirmed: 0 after the deadline, and while it is taken
// back. Setting the clock does not change that time.
func (s *Server) Fate(id string) (left time.Duration, state transaction.State) {
	if j, err := s.store().Journal(); err == nil && j != nil && j.ID == id && j.Kind == transaction.Confirming {
		left = max(0, j.Left(transaction.Now()))
	}
	return left, s.store().State(id)
}
