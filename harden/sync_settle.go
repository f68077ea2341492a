package harden

import (
	"context"
	"errors"
	"slices"
	"time"

	"ucs-harden/transaction"
)

// How long a sync that a change has started waits. A burst of changes is over when no stamp was touched for settleQuiet.
// lockPatience is how long it waits for another ucs-harden.
const (
	settleQuiet  = 5 * time.Second
	settleMost   = 20 * time.Second
	settleStep   = 250 * time.Millisecond
	lockPatience = 2 * time.Minute
)

// settle waits until the burst of changes that a stamp announces is over. Without a stamp it does not wait. The time that
// it waits is counted in steps, because somebody may set the clock meanwhile.
func (s *Server) settle(ctx context.Context) error {
	seen := s.stamps()
	if len(seen) == 0 {
		return nil
	}
	defer s.progress("waiting until no more changes come")()
	quiet := settleQuiet
	for _, st := range seen {
		quiet = max(0, min(quiet, s.Clock().Sub(st.touched)))
	}
	for waited := time.Duration(0); quiet < settleQuiet && waited < settleMost; waited += settleStep {
		if err := s.sleep(ctx, settleStep); err != nil {
			return err
		}
		quiet += settleStep
		if now := s.stamps(); !slices.Equal(now, seen) {
			seen, quiet = now, 0
		}
	}
	return nil
}

// tidyPatiently is tidy for a sync that a change has started: it waits for the lock.
func (s *Server) tidyPatiently(ctx context.Context) error {
	defer s.Observer.Progress("")
	for waited := time.Duration(0); ; waited += settleStep {
		err := s.tidy(ctx, "sync")
		if !errors.Is(err, transaction.ErrLocked) || waited >= lockPatience {
			return err
		}
		s.Observer.Progress("waiting for another ucs-harden to end")
		if err := s.sleep(ctx, settleStep); err != nil {
			return err
		}
	}
}

// postpone puts off a sync that a change has started, if err says that an apply waits to be confirmed: that may last for
// hours, and is no failure. The end of the apply announces the change again. Without a process that watches the deadline it
// is a failure, which the next try may mend. It returns nil if there is nothing to put the sync off for.
func (s *Server) postpone(err error) *Applied {
	if !errors.Is(err, transaction.ErrWaiting) || errors.Is(err, transaction.ErrUnwatched) {
		return nil
	}
	s.announceLater()
	j, failed := s.store().Journal()
	if failed != nil || j == nil || j.Kind != transaction.Confirming {
		s.announceNow() // it has ended meanwhile, and may not have seen the stamp
		return &Applied{}
	}
	return &Applied{Waiting: &Waiting{ID: j.ID, Deadline: j.Until(transaction.Now())}}
}

// ended ends the watch over the deadline of a change, and announces what a sync has put off because of it.
func (s *Server) ended(ctx context.Context, id string) {
	s.deadline().Clear(ctx, id)
	s.announceNow()
}

func (s *Server) sleep(ctx context.Context, d time.Duration) error {
	if s.Sleep != nil {
		return s.Sleep(ctx, d)
	}
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}
