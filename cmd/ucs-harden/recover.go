package main

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"ucs-harden/plan"
	"ucs-harden/report"
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
	r, err := g.server.Recover(ctx)
	if err != nil {
		return err
	}
	if g.json {
		out := result{Schema: plan.Schema}
		if r.Journal != nil {
			out.ID, out.Changed = r.Journal.ID, !r.Waits
		}
		if r.Waits {
			out.Deadline = &r.Deadline
		}
		return report.JSON(g.out, out)
	}
	switch {
	case r.Journal == nil:
		g.print("Nothing to recover.\n")
	case r.Waits:
		g.print("%s waits to be confirmed until %s.\n", r.Journal.ID, r.Deadline.Local().Format(time.DateTime))
	default:
		g.print("%s\n", recovered(r.Journal))
	}
	return nil
}
