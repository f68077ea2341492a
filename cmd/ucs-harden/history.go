package main

import (
	"github.com/spf13/cobra"

	"ucs-harden/plan"
	"ucs-harden/report"
	"ucs-harden/transaction"
)

func newHistoryCommand(g *global) *cobra.Command {
	var full bool
	cmd := &cobra.Command{
		Use:   "history",
		Short: "List the applies and rollbacks",
		Long:  "Lists what was applied and taken back, oldest first. The backups lie in " + stateDir + "/history.\n" + exitHelp,
		Args:  noArgs,
		RunE:  func(*cobra.Command, []string) error { return g.runHistory(full) },
	}
	cmd.Flags().BoolVar(&full, "full", false, "name the variables and files that each changed")
	return cmd
}

func (g *global) store() transaction.Store { return transaction.Store{Dir: g.path(stateDir)} }

func (g *global) runHistory(full bool) error {
	if err := g.needRoot("history"); err != nil {
		return err
	}
	changes, err := g.changes()
	if err != nil {
		return err
	}
	if g.json {
		return report.JSON(g.out, report.HistoryView{Schema: plan.Schema, Changes: changes})
	}
	return report.History(g.out, changes, g.style(full))
}

func (g *global) changes() ([]report.Change, error) {
	manifests, err := g.store().List()
	if err != nil {
		return nil, err
	}
	out := []report.Change{}
	for _, m := range manifests {
		out = append(out, report.ChangeOf(m, g.store().State(m.ID)))
	}
	return out, nil
}
