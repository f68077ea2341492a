package main

import (
	"context"

	"github.com/spf13/cobra"

	"ucs-harden/transaction"
)

func newSyncCommand(g *global) *cobra.Command {
	return &cobra.Command{
		Use:   "sync",
		Short: "Apply the current modes again, quietly",
		Long: `Applies the modes of the registry again, after mail domains, domain controllers
or settings have changed. Asks nothing and says nothing when all is well; for
hooks and timers.
` + exitHelp,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return g.runSync(cmd.Context()) },
	}
}

func (g *global) runSync(ctx context.Context) error {
	release, err := g.lock(ctx, "sync")
	if err != nil {
		return err
	}
	defer release()
	done, _, err := g.sync(ctx)
	if err != nil || done == nil {
		return err
	}
	return g.showResult(*done)
}

// sync applies the modes of the registry, under the lock, and tells from which
// plan; a result of nil means that there was nothing to do.
func (g *global) sync(ctx context.Context) (*result, *planned, error) {
	p, err := g.makePlan(ctx, "")
	if err != nil {
		return nil, nil, unchanged(err)
	}
	if !p.Changes() {
		return nil, p, blocked(p.Plan, p.AcceptableIDs())
	}
	if err := blocked(p.Plan, nil); err != nil {
		return nil, nil, err
	}
	if err := g.needPrograms("sync", planPrograms...); err != nil {
		return nil, nil, err
	}
	rehearsal, err := g.rehearsed(ctx, p, false)
	if err != nil {
		return nil, nil, err
	}
	done, err := g.carryOut(ctx, p, transaction.Options{Rehearsal: rehearsal})
	return done, p, err
}
