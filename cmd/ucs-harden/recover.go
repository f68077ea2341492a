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
nothing when there is none. It runs at boot, and the commands that change
something do the same before they begin.
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
		return fmt.Errorf("cannot recover: %w; nothing was changed", err)
	}
	defer release()
	j, err := g.machine().Recover(ctx)
	g.idle()
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
	case transaction.Confirming:
		return "Recovered: " + j.ID + " was not confirmed in time; the server is as it was before it."
	}
	return "Recovered: the interrupted apply " + j.ID + " was taken back; the server is as it was before it."
}

// stillWaiting makes sure that the deadline is watched, also after a reboot.
func (g *global) stillWaiting(ctx context.Context, j *transaction.Journal) error {
	if err := g.arm(ctx, j); err != nil {
		return err
	}
	if g.json {
		return g.showResult(result{ID: j.ID})
	}
	g.print("%s waits to be confirmed until %s.\n", j.ID, j.Deadline.Local().Format(time.DateTime))
	return nil
}
