package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"ucs-harden/transaction"
)

func newRecoverCommand(g *global) *cobra.Command {
	return &cobra.Command{
		Use:   "recover",
		Short: "Finish what a crash interrupted",
		Long: `Takes back an apply, or finishes a rollback, that a crash, a kill or a full
disk interrupted, and takes back an apply that was not confirmed in time. Does
nothing when there is none; while an apply waits to be confirmed, it only makes
sure that somebody watches the deadline. It runs at boot, and the commands that
change something do the same before they begin.

The deadline is watched by a systemd timer, or where there is no systemd by two
processes that replace each other. Should both be killed in the same moment,
nobody watches until the next of these commands, or the next boot.
` + exitHelp,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return g.runRecover(cmd.Context()) },
	}
}

func (g *global) runRecover(ctx context.Context) error {
	if err := g.needRoot("recover"); err != nil {
		return err
	}
	release, err := transaction.Lock(lockFile)
	if err != nil {
		return unchanged(fmt.Errorf("cannot recover: %w", err))
	}
	defer release()
	j, err := g.machine().Recover(ctx)
	g.idle()
	if err == nil {
		g.disarm(ctx, j.ID)
	}
	switch {
	case isNothing(err):
		if !g.json {
			g.print("Nothing to recover.\n")
			return nil
		}
		return g.showResult(result{})
	case errors.Is(err, transaction.ErrWaiting):
		return g.stillWaiting(ctx, j)
	case err != nil:
		if j != nil && (j.Kind == transaction.Confirming || j.Kind == transaction.Expired) {
			_ = g.arm(ctx, j.ID, 0) // at boot nobody else would try again; here the failure itself counts
		}
		return fmt.Errorf("cannot recover: %w", err)
	}
	if g.json {
		return g.showResult(result{ID: j.ID, Changed: true})
	}
	g.print("%s\n", recovered(j))
	return nil
}

// recovered says what Recover has done.
func recovered(j *transaction.Journal) string {
	switch j.Kind {
	case transaction.RollingBack:
		return "Recovered: the interrupted rollback of " + j.ID + " is complete."
	case transaction.Confirming, transaction.Expired:
		return "Recovered: " + j.ID + " was not confirmed in time; the server is as it was before it."
	}
	return "Recovered: the interrupted apply " + j.ID + " was taken back; the server is as it was before it."
}

// stillWaiting makes sure that the deadline is watched, also after a reboot.
func (g *global) stillWaiting(ctx context.Context, j *transaction.Journal) error {
	now := transaction.Now()
	if err := g.arm(ctx, j.ID, j.Left(now)); err != nil {
		return fmt.Errorf("cannot recover: %w: %w", transaction.ErrUnwatched, err)
	}
	deadline := j.Until(now)
	if g.json {
		return g.showResult(result{ID: j.ID, Deadline: &deadline})
	}
	g.print("%s waits to be confirmed until %s.\n", j.ID, deadline.Local().Format(time.DateTime))
	return nil
}
