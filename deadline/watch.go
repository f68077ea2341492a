package deadline

import (
	"context"
	"errors"
	"io"
	"time"

	"ucs-harden/internal/run"
	"ucs-harden/transaction"
)

// Role says which watcher a process is.
type Role int

const (
	First  Role = iota // the first of the pair
	Second             // the second of the pair; it waits a little longer, and becomes the first when the first ends
	Alone              // started by systemd, which starts it again if it is killed
)

const (
	// watchPoll is the time after which a watcher looks again whether it is still needed.
	watchPoll = time.Second
	// secondGrace is how much longer than the deadline the second of the pair waits.
	secondGrace = 5 * time.Second
	// watchRetry is how long a watcher waits after taking back has failed.
	watchRetry = 10 * time.Second
	// secondPause is the pause before a second that has ended is replaced. It prevents a busy loop when every second
	// ends at once.
	secondPause = 50 * time.Millisecond
	// lockTries is how often a watcher tries to become the first, watchPoll apart. In this time the current first has
	// looked at the journal. It has either ended or watches the newest apply.
	lockTries = 4
)

// ErrBusy says that another process holds the lock of the server.
var ErrBusy = errors.New("another process is at work")

// Expected reports whether an error of taking back is normal: another process holds the lock, the deadline has not
// come, or there is nothing left to do.
func Expected(err error) bool {
	return errors.Is(err, ErrBusy) || errors.Is(err, transaction.ErrNothing) || errors.Is(err, transaction.ErrWaiting)
}

// Watch waits until the journal is closed. At the deadline it takes the change back. Watch does not ask which change is
// in the journal: a watcher that is left over from one apply also watches the next.
//
// started is the standard input of the second. It is closed when the first ends. takeBack takes the lock of the server,
// and takes back the change in the journal.
func (d *Deadline) Watch(
	ctx context.Context, role Role, started io.Reader, takeBack func(context.Context) error,
) error {
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

// becomeFirst makes this process the first of the pair. release is nil if another process is the first, or if the
// journal is closed.
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

// second starts the second of the pair. The channel receives when a new second is needed: after the second has ended,
// or after a pause if it could not be started.
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

// await waits until the journal is closed, and takes the change back when it is time. It returns true when the journal
// is closed, and false when the other of the pair ends earlier. If reading the journal or taking back fails, await
// tries again, because there is nobody to report the error to.
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

// look reads the journal, and takes the change back if it is time. It returns the time until the next look, or 0 if
// there is nothing left to do.
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
	// The deadline is over, or the change is still being made. If the process that makes it has died, the lock is free
	// and the change is taken back. Otherwise takeBack returns ErrBusy.
	switch err := w.takeBack(ctx); {
	case err == nil, errors.Is(err, transaction.ErrNothing):
		return 0
	case errors.Is(err, ErrBusy), errors.Is(err, transaction.ErrWaiting):
		return watchPoll
	}
	return watchRetry
}
