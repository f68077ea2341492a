package main

import (
	"github.com/spf13/cobra"

	"ucs-harden/harden"
	"ucs-harden/report"
)

func newHistoryCommand(g *global) *cobra.Command {
	var full bool
	cmd := &cobra.Command{
		Use:   "history",
		Short: "List the applies and rollbacks",
		Long: "Lists what was applied and taken back, oldest first. The backups lie in " +
			harden.StateDir + "/history.\n" + exitHelp,
		Args: noArgs,
		RunE: func(*cobra.Command, []string) error { return g.runHistory(full) },
	}
	cmd.Flags().BoolVar(&full, "full", false, "name the variables and files that each changed")
	return cmd
}

func (g *global) runHistory(full bool) error {
	if err := g.needRoot("history"); err != nil {
		return err
	}
	h, err := g.server.History()
	if err != nil {
		return err
	}
	if g.json {
		return report.JSON(g.out, h)
	}
	return report.History(g.out, h.Changes, g.style(full))
}
