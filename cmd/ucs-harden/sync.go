package main

import (
	"context"

	"github.com/spf13/cobra"

	"ucs-harden/harden"
)

func newSyncCommand(g *global) *cobra.Command {
	var o harden.SyncOptions
	cmd := &cobra.Command{
		Use:   "sync",
		Short: "Apply the current modes again, quietly",
		Long: `Applies the modes in the registry again, after mail domains, domain controllers
or settings have changed. For hooks and timers: asks nothing, and prints nothing
if nothing is to be changed.

A control that the registry has brought to enforce stays in warn while the mail
log does not show that this is safe. Then everything else is applied, the error
says what is missing, and the exit status is 5. At the end, what the mail log
says is kept, because logs are rotated away.`,
		Example: "  ucs-harden sync",
		Args:    noArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return g.runSync(cmd.Context(), o) },
	}
	cmd.Flags().BoolVar(&o.NoEvidence, "no-evidence", false, noEvidenceHelp)
	return cmd
}

const noEvidenceHelp = "enforce without asking what the mail log shows"

func (g *global) runSync(ctx context.Context, o harden.SyncOptions) error {
	if err := g.needServer("sync"); err != nil {
		return err
	}
	attempt := g.audit.begin("sync")
	attempt.noEvidence = o.NoEvidence
	o.Rehearsed = g.showRehearsal
	done, err := g.server.Sync(ctx, o)
	if err != nil {
		return err
	}
	attempt.applied(done)
	if err := g.showApplied(done); err != nil {
		return err
	}
	return done.Held
}
