package main

import (
	"context"

	"github.com/spf13/cobra"
)

func newSyncCommand(g *global) *cobra.Command {
	return &cobra.Command{
		Use:   "sync",
		Short: "Apply the current modes again, quietly",
		Long: `Applies the modes in the registry again, after mail domains, domain controllers
or settings have changed. For hooks and timers: asks nothing, and prints nothing
if nothing is to be changed.`,
		Example: "  ucs-harden sync",
		Args:    noArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return g.runSync(cmd.Context()) },
	}
}

func (g *global) runSync(ctx context.Context) error {
	if err := g.needServer("sync"); err != nil {
		return err
	}
	attempt := g.audit.begin("sync")
	done, err := g.server.Sync(ctx, g.showRehearsal)
	if err != nil {
		return err
	}
	attempt.applied(done)
	return g.showApplied(done)
}
