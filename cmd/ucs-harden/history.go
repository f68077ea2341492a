package main

import (
	"context"

	"github.com/spf13/cobra"

	"ucs-harden/harden"
	"ucs-harden/report"
)

func newHistoryCommand(g *global) *cobra.Command {
	var full bool
	cmd := &cobra.Command{
		Use: "history", SuggestFor: []string{"log"},
		Short: "List the applies and rollbacks",
		Long: "Lists what was applied and taken back, oldest first, and names the controls that\n" +
			"Postfix does not have as they were applied. The backups lie in\n" +
			harden.StateDir + "/history.",
		Example: "  ucs-harden history\n  ucs-harden history --full",
		Args:    noArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return g.runHistory(cmd.Context(), full) },
	}
	cmd.Flags().BoolVar(&full, "full", false, "name the variables and files that each changed")
	return cmd
}

func (g *global) runHistory(ctx context.Context, full bool) error {
	if err := g.needServer("history"); err != nil {
		return err
	}
	h, err := g.server.History(ctx)
	if err != nil {
		return err
	}
	if g.json {
		return report.JSON(g.out, h)
	}
	if err := report.History(g.out, h.Changes, g.style(full)); err != nil {
		return err
	}
	for _, d := range h.Differs {
		g.print("In Postfix %s is %s now, not %s as it was applied.\n", d.Control, d.Running, d.Applied)
	}
	if h.Paused != "" {
		g.print("Since the rollback of %s, %s.\n", h.Paused, report.ResumeHint)
	}
	return nil
}
