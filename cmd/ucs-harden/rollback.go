package main

import (
	"context"

	"github.com/spf13/cobra"

	"ucs-harden/plan"
	"ucs-harden/report"
)

func newRollbackCommand(g *global) *cobra.Command {
	var force bool
	cmd := &cobra.Command{
		Use:   "rollback [ID]",
		Short: "Take the last (or the named) apply back",
		Long: `Restores the state before the last apply, or before the apply with this ID:
registry variables, files, modes and owners. Without --force, the rollback is
refused if someone else has changed any of this since. What someone else changes
during the rollback is kept and named.
` + exitHelp,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 1 {
				return usage("rollback takes the name of one change, not %d", len(args))
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			id := ""
			if len(args) == 1 {
				id = args[0]
			}
			return g.runRollback(cmd.Context(), id, force)
		},
	}
	cmd.Flags().BoolVar(&force, "force", false, "overwrite changes that someone else has made since")
	return cmd
}

func (g *global) runRollback(ctx context.Context, id string, force bool) error {
	if err := g.needRoot("rollback"); err != nil {
		return err
	}
	back, err := g.server.Rollback(ctx, id, force)
	if err != nil {
		return err
	}
	if g.json {
		return report.JSON(g.out, result{Schema: plan.Schema, ID: back.ID, Changed: true, Kept: keptIn(back.Kept)})
	}
	g.print("Rolled back %s: %s.\n", back.ID, afterwards(back.Kept, "the server is as it was before"))
	return nil
}
