package main

import (
	"context"
	"errors"
	"os"
	"time"

	"github.com/spf13/cobra"

	"ucs-harden/internal/run"
	"ucs-harden/transaction"
)

// See arm.go for who starts the commands of this file.

const (
	watchLock = "/run/ucs-harden-watch.lock"
	// watchPoll is how often a watcher looks whether it is still needed.
	watchPoll = time.Second
	// partnerGrace is how much longer the second of the pair waits.
	partnerGrace = 5 * time.Second
	// watchRetry is how long a watcher waits after it could not take back.
	watchRetry = 10 * time.Second
	// partnerPause keeps a partner that cannot live from being started all the
	// time.
	partnerPause = 50 * time.Millisecond
	// postTries is how often a watcher tries to take its post, with watchPoll in
	// between: whoever holds it has looked at the journal meanwhile, and has
	// either left or taken over the newest apply.
	postTries = 4
)

func newWatchCommand(g *global) *cobra.Command {
	var second, alone bool
	cmd := &cobra.Command{
		Use:    "watch",
		Short:  "Take an apply back at its deadline",
		Hidden: true,
		Args:   noArgs,
		RunE:   func(cmd *cobra.Command, _ []string) error { return g.runWatch(cmd.Context(), second, alone) },
	}
	cmd.Flags().BoolVar(&second, "second", false, "be the second of the pair")
	cmd.Flags().BoolVar(&alone, "alone", false, "start no second: systemd starts this one again")
	return cmd
}

// runWatch waits until the journal is closed, and closes it when it is time.
// Which change it speaks of does not matter: a watcher that is left over from
// one apply serves the next.
func (g *global) runWatch(ctx context.Context, second, alone bool) error {
	if err := g.needRoot("watch"); err != nil {
		return err
	}
	if alone {
		_, err := g.await(ctx, 0, nil)
		return err
	}
	if second {
		first := make(chan time.Time)
		go func() {
			run.UntilClosed(g.in)
			close(first)
		}()
		if done, err := g.await(ctx, partnerGrace, first); done || err != nil {
			return err
		}
	}
	release, err := g.takePost(ctx)
	if release == nil {
		return err
	}
	defer release()
	for {
		if done, err := g.await(ctx, 0, g.partner(ctx)); done || err != nil {
			return err
		}
	}
}

// takePost makes this the first of the pair; nil when another is.
func (g *global) takePost(ctx context.Context) (release func(), err error) {
	for range postTries {
		release, err := transaction.Lock(watchLock)
		if !errors.Is(err, transaction.ErrLocked) {
			return release, err
		}
		if done, err := g.await(ctx, partnerGrace, time.After(watchPoll)); done || err != nil {
			return nil, err
		}
	}
	return nil, nil
}

// partner starts the second of the pair. The channel tells when another is
// needed; if this one could not be started, that is after a while.
func (g *global) partner(ctx context.Context) <-chan time.Time {
	self, err := os.Executable()
	if err != nil {
		return time.After(watchRetry)
	}
	p, err := run.System{}.Spawn(run.Cmd{Argv: []string{self, "watch", "--second"}})
	if err != nil {
		return time.After(watchRetry)
	}
	ended := make(chan time.Time, 1)
	go func() {
		<-p.Ended
		select {
		case now := <-time.After(partnerPause):
			ended <- now
		case <-ctx.Done():
		}
	}()
	return ended
}

// await returns true when the journal is closed, be it by closing it now; false
// when the other of the pair has ended before. What it cannot read or close it
// tries again: there is nobody to complain to.
func (g *global) await(ctx context.Context, grace time.Duration, other <-chan time.Time) (bool, error) {
	for {
		pause := g.watchOnce(ctx, grace)
		if pause == 0 {
			return true, nil
		}
		select {
		case <-time.After(pause):
		case <-other:
			j, err := g.store().Journal()
			return j == nil && err == nil, nil
		case <-ctx.Done():
			return true, ctx.Err()
		}
	}
}

// watchOnce looks at the journal and does what it is time for; it returns how
// long nothing is to be done, 0 for ever.
func (g *global) watchOnce(ctx context.Context, grace time.Duration) time.Duration {
	j, err := g.store().Journal()
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
	// It is due; or it is under way, unless whoever was at it has died: then
	// the lock is free.
	release, err := transaction.Lock(lockFile)
	if err != nil {
		return watchPoll
	}
	defer release()
	switch j, err := g.machine().Recover(ctx); {
	case err == nil:
		g.disarm(ctx, j.ID)
		g.complain("%s\n", recovered(j)) // systemd keeps it in its journal
		return 0
	case errors.Is(err, transaction.ErrNothing):
		return 0
	case errors.Is(err, transaction.ErrWaiting):
		return watchPoll
	default:
		g.complain("error: %s\n", err)
	}
	return watchRetry
}
