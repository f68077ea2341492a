package deadline

import (
	"context"
	"errors"
	"io"
	"time"

	"ucs-harden/internal/run"
	"ucs-harden/transaction"
)

// Role is which watcher a process is.
type Role int

const (
	First  Role = iota // of the pair
	Second             // of the pair; it waits a little longer, and takes the place of the first
	Alone              // started by systemd, which starts it again
)

const (
	// watchPoll is how often a watcher looks whether it is still needed.
	watchPoll = time.Second
	// secondGrace is how much longer the second of the pair waits.
	secondGrace = 5 * time.Second
	// watchRetry is how long a watcher waits after it could not take back.
	watchRetry = 10 * time.Second
	// secondPause keeps a second that cannot live from being started all the time.
	secondPause = 50 * time.Millisecond
	// lockTries is how often a watcher tries to become the first, with watchPoll in between: whoever is has looked at
	// the journal meanwhile, and has either left or taken over the newest apply.
	lockTries = 4
)

// ErrBusy says that another process holds the lock of the server.
var ErrBusy = errors.New("another process is at work")

// Expected reports whether an error of taking back is none to complain of: another is at it, or there is nothing to do
// yet or any more.
func Expected(err error) bool {
	return errors.Is(err, ErrBusy) || errors.Is(err, transaction.ErrNothing) || errors.Is(err, transaction.ErrWaiting)
}

// Watch waits until the journal is closed, and takes back when it is time. Of which change the journal speaks does not
// matter: a watcher that is left over from one apply serves the next. started is the standard input of the second: its
// end is the end of the first. takeBack takes the lock, and what the journal speaks of back.
func (d *Deadline) Watch(ctx context.Context, role Role, started io.Reader, takeBack func(context.Context) error) error {
	w := watcher{d, takeBack}
	switch role {
	case Alone:
		_, err := w.await(ctx, 0, nil)
		return err
	case Second:
		first := make(chan time.Time)
		go func() {
			run.UntilClosed(started)
			close(first)
		}()
		if done, err := w.await(ctx, secondGrace, first); done || err != nil {
			return err
		}
	case First:
	}
	release, err := w.becomeFirst(ctx)
	if release == nil {
		return err
	}
	defer release()
	for {
		if done, err := w.await(ctx, 0, w.second(ctx)); done || err != nil {
			return err
		}
	}
}

type watcher struct {
	*Deadline
	takeBack func(context.Context) error
}

// becomeFirst makes this the first of the pair; nil when another is.
func (w watcher) becomeFirst(ctx context.Context) (release func(), err error) {
	for range lockTries {
		release, err := transaction.Lock(watchLock)
		if !errors.Is(err, transaction.ErrLocked) {
			return release, err
		}
		if done, err := w.await(ctx, secondGrace, time.After(watchPoll)); done || err != nil {
			return nil, err
		}
	}
	return nil, nil
}

// second starts the second of the pair. The channel tells when another is needed; if this one could not be started,
// that is after a while.
func (w watcher) second(ctx context.Context) <-chan time.Time {
	if w.selfErr != nil {
		return time.After(watchRetry)
	}
	end, err := w.spawn([]string{w.self, "watch", "--second"})
	if err != nil {
		return time.After(watchRetry)
	}
	ended := make(chan time.Time, 1)
	go func() {
		<-end
		select {
		case now := <-time.After(secondPause):
			ended <- now
		case <-ctx.Done():
		}
	}()
	return ended
}

// await returns true when the journal is closed, be it by closing it now; false when the other of the pair has ended
// before. What it cannot read or close it tries again: there is nobody to complain to.
func (w watcher) await(ctx context.Context, grace time.Duration, other <-chan time.Time) (bool, error) {
	for {
		pause := w.look(ctx, grace)
		if pause == 0 {
			return true, nil
		}
		select {
		case <-time.After(pause):
		case <-other:
			j, err := w.store.Journal()
			return j == nil && err == nil, nil
		case <-ctx.Done():
			return true, ctx.Err()
		}
	}
}

// look reads the journal and does what it is time for; it returns how long nothing is to be done, 0 for ever.
func (w watcher) look(ctx context.Context, grace time.Duration) time.Duration {
	j, err := w.store.Journal()
	switch {
	case err != nil:
		return watchRetry
	case j == nil:
		return 0
	case j.Kind == transaction.Confirming:
		if left := j.Left(transaction.Now()) + grace; left > 0 {
			return min(watchPoll, left)
		}
	}
	// It is due; or it is under way, unless whoever was at it has died: then the lock is free.
	switch err := w.takeBack(ctx); {
	case err == nil, errors.Is(err, transaction.ErrNothing):
		return 0
	case errors.Is(err, ErrBusy), errors.Is(err, transaction.ErrWaiting):
		return watchPoll
	}
	return watchRetry
}
