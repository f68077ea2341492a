package harden

import (
	"context"
	"errors"
	"slices"
	"time"

	"ucs-harden/transaction"
)

// How long a sync that a change has started waits. A burst of changes is over when no stamp was touched for settleQuiet.
// lockPatience is how long it waits for another ucs-harden, or for an apply to be confirmed.
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
	var quiet time.Duration
	for _, st := range seen {
		if age := s.Clock().Sub(st.touched); age > 0 && (quiet == 0 || age < quiet) {
			quiet = age
		}
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

// tidyPatiently is tidy for a sync that a change has started: it waits for the lock, and for an apply to be confirmed.
func (s *Server) tidyPatiently(ctx context.Context) error {
	defer s.Observer.Progress("")
	for waited := time.Duration(0); ; waited += settleStep {
		waits := s.waitsUntil() != nil // tidy would see to its deadline each time
		if !waits || waited >= lockPatience {
			err := s.tidy(ctx, "sync")
			if !errors.Is(err, transaction.ErrLocked) && !errors.Is(err, transaction.ErrWaiting) || waited >= lockPatience {
				return err
			}
		}
		s.Observer.Progress("waiting for another ucs-harden to end")
		if err := s.sleep(ctx, settleStep); err != nil {
			return err
		}
	}
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
