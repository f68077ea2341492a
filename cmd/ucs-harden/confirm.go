package main

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"ucs-harden/transaction"
)

const (
	// confirmDefault is what apply proposes on a terminal in mode enforce.
	confirmDefault = 10 * time.Minute
	// shortestConfirm leaves a moment to type.
	shortestConfirm = time.Second
)

func newConfirmCommand(g *global) *cobra.Command {
	return &cobra.Command{
		Use:   "confirm",
		Short: "Keep an apply that waits for confirmation",
		Long: `Keeps an apply that was made with --confirm-within. Without it the old state
comes back by itself at the deadline. After the deadline it is too late, also
when the old state is not yet back.
` + exitHelp,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return g.runConfirm(cmd.Context()) },
	}
}

func (g *global) runConfirm(ctx context.Context) error {
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
	g.disarm(ctx, j.ID)
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

// deadline is when the apply that waits is taken back; nil when none waits any
// more.
func (g *global) deadline() *time.Time {
	j, err := g.store().Journal()
	if err != nil || j == nil || j.Kind != transaction.Confirming {
		return nil
	}
	deadline := j.Until(transaction.Now())
	return &deadline
}
