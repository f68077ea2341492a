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

// Applied is what a changing command has done.
type Applied struct {
	// ID names the change in the history; "" when nothing was changed.
	ID      string
	Mode    plan.Mode
	Changed bool
	// Deadline is when the change is taken back unless it is confirmed.
	Deadline *time.Time
	// Stopped: Postfix is not running, so what was applied counts from its next start.
	Stopped bool
	// Plan is what was applied; nil for what is not an apply.
	Plan *Planned
}

func unapplied(p *Planned) *Applied { return &Applied{Mode: p.Mode, Plan: p} }

// transact does what the plan shows. The last steps of the transaction are the verification: when it fails, the old
// state comes back.
func (s *Server) transact(ctx context.Context, p *Planned, o transaction.Options, v transaction.Verification) (*Applied, error) {
	defer s.Observer.Progress("")
	o.Version, o.Now = s.Version, time.Now()
	o.Watch = func(ctx context.Context, id string) error { return s.deadline().Set(ctx, id, o.ConfirmWithin) }
	live := s.livePostfix()
	id, err := s.machineWith(live, v).Apply(ctx, p.Plan, o)
	if err != nil {
		return nil, fmt.Errorf("cannot apply: %w", err)
	}
	done := &Applied{ID: id, Mode: p.Mode, Changed: true, Plan: p, Stopped: live.stopped}
	if o.ConfirmWithin > 0 {
		done.Deadline = s.waitsUntil()
	}
	return done, nil
}

// waitsUntil is when the apply that waits is taken back; nil when none waits any more.
func (s *Server) waitsUntil() *time.Time {
	j, err := s.store().Journal()
	if err != nil || j == nil || j.Kind != transaction.Confirming {
		return nil
	}
	deadline := j.Until(transaction.Now())
	return &deadline
}

// lock takes the lock, and finishes what a crash left.
func (s *Server) lock(ctx context.Context, what string) (release func(), err error) {
	release, err = transaction.Lock(lockFile)
	if err != nil {
		return nil, outcome.Unchanged(fmt.Errorf("cannot %s: %w", what, err))
	}
	switch j, err := s.machine().Recover(ctx); {
	case err == nil:
		s.deadline().Clear(ctx, j.ID)
		s.Observer.Recovered(j)
	case errors.Is(err, transaction.ErrNothing):
	case errors.Is(err, transaction.ErrWaiting) && what == "rollback":
	case errors.Is(err, transaction.ErrWaiting):
		release()
		if unwatched := s.deadline().Set(ctx, j.ID, j.Left(transaction.Now())); unwatched != nil {
			err = fmt.Errorf("%w, and nobody watches the deadline (%w)", err, unwatched)
		}
		return nil, outcome.Unchanged(fmt.Errorf("cannot %s: %w", what, err))
	default:
		release()
		return nil, fmt.Errorf("cannot %s: %w", what, err)
	}
	return release, nil
}

// Confirm keeps an apply that waits to be confirmed, and returns its name.
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
	s.deadline().Clear(ctx, j.ID)
	return j.ID, nil
}

// Rollback takes a change back, the last one when id is "", and returns its name. What somebody else changed since is
// overwritten only with force; else it is transaction.ErrConflict.
func (s *Server) Rollback(ctx context.Context, id string, force bool) (string, error) {
	release, err := s.lock(ctx, "rollback")
	if err != nil {
		return "", err
	}
	defer release()
	if err := installed("ucr", "postconf", "postfix"); err != nil {
		return "", outcome.Unchanged(fmt.Errorf("cannot roll back: %w", err))
	}
	defer s.Observer.Progress("")
	c, err := s.machine().Rollback(ctx, id, force)
	if err != nil {
		return "", fmt.Errorf("cannot roll back: %w", err)
	}
	s.deadline().Clear(ctx, c.ID)
	return c.ID, nil
}

// Recovery is what Recover has found, and done.
type Recovery struct {
	// Journal is the change; nil when there was nothing to recover.
	Journal *transaction.Journal
	// Waits: the change waits to be confirmed until Deadline, and nothing was done but to see that somebody watches.
	Waits    bool
	Deadline time.Time
}

// Recover finishes what a crash interrupted, and takes back an apply that was not confirmed in time.
func (s *Server) Recover(ctx context.Context) (*Recovery, error) {
	release, err := transaction.Lock(lockFile)
	if err != nil {
		return nil, outcome.Unchanged(fmt.Errorf("cannot recover: %w", err))
	}
	defer release()
	defer s.Observer.Progress("")
	j, err := s.machine().Recover(ctx)
	switch {
	case err == nil:
		s.deadline().Clear(ctx, j.ID)
		return &Recovery{Journal: j}, nil
	case errors.Is(err, transaction.ErrNothing):
		return &Recovery{}, nil
	case errors.Is(err, transaction.ErrWaiting):
		now := transaction.Now()
		if err := s.deadline().Set(ctx, j.ID, j.Left(now)); err != nil {
			return nil, fmt.Errorf("cannot recover: %w: %w", transaction.ErrUnwatched, err)
		}
		return &Recovery{Journal: j, Waits: true, Deadline: j.Until(now)}, nil
	}
	if j != nil && (j.Kind == transaction.Confirming || j.Kind == transaction.Expired) {
		_ = s.deadline().Set(ctx, j.ID, 0) // at boot nobody else would try again; here the failure itself counts
	}
	return nil, fmt.Errorf("cannot recover: %w", err)
}
