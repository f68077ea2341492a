package main

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"ucs-harden/transaction"
)

// confirmDefault is what apply proposes on a terminal in mode enforce.
const confirmDefault = 10 * time.Minute

func newConfirmCommand(g *global) *cobra.Command {
	return &cobra.Command{
		Use:   "confirm",
		Short: "Keep an apply that waits for confirmation",
		Long: `Keeps an apply that was made with --confirm-within. Without it the old state
comes back by itself at the deadline.
` + exitHelp,
		Args: noArgs,
		RunE: func(*cobra.Command, []string) error { return g.runConfirm() },
	}
}

func (g *global) runConfirm() error {
	if err := g.needRoot("confirm"); err != nil {
		return err
	}
	release, err := transaction.Lock(lockFile)
	if err != nil {
		return unchanged(fmt.Errorf("cannot confirm: %w", err))
	}
	defer release()
	j, err := g.machine().Confirm()
	if err != nil {
		return fmt.Errorf("cannot confirm: %w", err)
	}
	if g.json {
		return g.showResult(result{ID: j.ID, Changed: true})
	}
	g.print("Confirmed %s: it stays.\nTo go back: ucs-harden rollback\n", j.ID)
	return nil
}

// confirmWithin is how long the apply shall wait: as the option says, or as
// the administrator answers.
func (g *global) confirmWithin(ctx context.Context, o applyOptions, p *planned) (time.Duration, error) {
	if o.confirmWithin != 0 || o.yes || p.Mode != "enforce" || !isTerminal(g.in) {
		return o.confirmWithin, nil
	}
	yes, err := g.ask(ctx, fmt.Sprintf("Take it back by itself in %d minutes unless confirmed?", int(confirmDefault.Minutes())))
	if err != nil || !yes {
		return 0, err
	}
	return confirmDefault, nil
}

// waiting sets up what takes the apply back at its deadline, and says so. An
// apply that nobody watches must not wait: it is taken back at once.
func (g *global) waiting(ctx context.Context, id string) error {
	j, err := g.store().Journal()
	if err != nil || j == nil {
		return err
	}
	if err := g.arm(ctx, j); err != nil {
		if _, back := g.machine().Rollback(ctx, id, true); back != nil {
			return fmt.Errorf("%w: %w; %w", transaction.ErrIncomplete, err, back)
		}
		return fmt.Errorf("%w: %w", transaction.ErrRolledBack, err)
	}
	if !g.json {
		g.print("It is taken back at %s unless you run: ucs-harden confirm\n", j.Deadline.Local().Format(time.TimeOnly))
	}
	return nil
}
