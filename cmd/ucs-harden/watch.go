package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"ucs-harden/internal/run"
	"ucs-harden/transaction"
)

// An apply that waits to be confirmed needs somebody who takes it back at its
// deadline, whatever becomes of the terminal and the process that applied it.
// Where systemd runs that is a timer. Elsewhere it is a pair of detached
// processes: when one of them ends before its time, the other puts a new one in
// its place. A reboot ends all of these; "ucs-harden recover", which runs at
// boot, begins anew, and so does every command that changes something.

const (
	watchLock = "/run/ucs-harden-watch.lock"
	// watchPoll is how often a watcher looks whether it is still needed.
	watchPoll = time.Second
	// partnerGrace is how much longer the second of the pair waits.
	partnerGrace = 5 * time.Second
	// watchRetry is how long a watcher waits after it could not take back.
	watchRetry = 10 * time.Second
)

// arm sees to it that the apply in the journal is taken back at its deadline.
func (g *global) arm(ctx context.Context, j *transaction.Journal) error {
	self, err := os.Executable()
	if err != nil {
		return fmt.Errorf("cannot watch the deadline: %w", err)
	}
	if _, err := os.Stat("/run/systemd/system"); err == nil {
		_, err := g.runner.Run(ctx, run.Cmd{Argv: timerCommand(self, time.Until(j.Deadline))})
		if err == nil {
			return nil
		}
		g.log.WithError(err).Debug("no systemd timer; watching the deadline ourselves")
	}
	if _, err := (run.System{}).Spawn(run.Cmd{Argv: []string{self, "watch", j.ID}}); err != nil {
		return fmt.Errorf("cannot watch the deadline: %w", err)
	}
	return nil
}

// timerCommand makes a transient timer (systemd-run(1)).
func timerCommand(self string, in time.Duration) []string {
	seconds := max(1, int(in.Seconds())+1)
	return []string{
		"systemd-run", "--quiet", "--collect", "--unit=ucs-harden-confirm",
		"--on-active=" + strconv.Itoa(seconds), "--timer-property=AccuracySec=1s",
		self, "recover",
	}
}

func newWatchCommand(g *global) *cobra.Command {
	var second bool
	cmd := &cobra.Command{
		Use:    "watch ID",
		Short:  "Take an apply back at its deadline",
		Hidden: true,
		Args:   cobra.ExactArgs(1),
		RunE:   func(cmd *cobra.Command, args []string) error { return g.runWatch(cmd.Context(), args[0], second) },
	}
	cmd.Flags().BoolVar(&second, "second", false, "be the second of the pair")
	return cmd
}

// runWatch waits until the apply is confirmed, taken back, or due.
func (g *global) runWatch(ctx context.Context, id string, second bool) error {
	if second {
		first := make(chan struct{})
		go func() {
			run.UntilClosed(g.in)
			close(first)
		}()
		if done, err := g.await(ctx, id, partnerGrace, first); done || err != nil {
			return err
		}
	}
	release, err := transaction.Lock(watchLock)
	if err != nil {
		return nil // another pair is at it
	}
	defer release()
	for {
		partner, err := g.partner(id)
		if err != nil {
			return err
		}
		if done, err := g.await(ctx, id, 0, partner); done || err != nil {
			return err
		}
	}
}

func (g *global) partner(id string) (<-chan struct{}, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	p, err := (run.System{}).Spawn(run.Cmd{Argv: []string{self, "watch", "--second", id}})
	if err != nil {
		return nil, err
	}
	return p.Ended, nil
}

// await returns true when the apply is not waiting any more, having taken it
// back if it was due; false when the other of the pair has ended before.
func (g *global) await(ctx context.Context, id string, grace time.Duration, other <-chan struct{}) (bool, error) {
	for {
		j, err := g.store().Journal()
		if err != nil {
			return true, err
		}
		if j == nil || j.ID != id {
			return true, nil
		}
		pause := watchPoll
		if left := time.Until(j.Deadline) + grace; left <= 0 {
			if g.takeBack(ctx) {
				return true, nil
			}
			pause = watchRetry
		} else {
			pause = min(pause, left)
		}
		select {
		case <-time.After(pause):
		case <-other:
			return false, nil
		case <-ctx.Done():
			return true, ctx.Err()
		}
	}
}

// takeBack recovers, unless another process is at it.
func (g *global) takeBack(ctx context.Context) bool {
	release, err := transaction.Lock(lockFile)
	if err != nil {
		return false
	}
	defer release()
	_, err = g.machine().Recover(ctx)
	return err == nil || errors.Is(err, transaction.ErrNothing)
}
