package main

import (
	"context"
	"errors"
	"time"

	"github.com/spf13/cobra"

	"ucs-harden/report"
	"ucs-harden/transaction"
)

const (
	// confirmDefault is the time that apply proposes on a terminal in mode enforce.
	confirmDefault = 10 * time.Minute
	// shortestConfirm is the shortest --confirm-within.
	shortestConfirm = time.Second
)

func newConfirmCommand(g *global) *cobra.Command {
	return &cobra.Command{
		Use:   "confirm",
		Short: "Keep an apply that waits for confirmation",
		Long: `Keeps an apply that was made with --confirm-within. Otherwise the change is taken
back at the deadline. After the deadline it is too late to confirm, even if the
old state has not been restored yet.

If no apply waits, nothing is done, and that is no error (exit status 0), unless
the last apply was taken back.`,
		Example: "  ucs-harden confirm",
		Args:    noArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return g.runConfirm(cmd.Context()) },
	}
}

func (g *global) runConfirm(ctx context.Context) error {
	if err := g.needServer("confirm"); err != nil {
		return err
	}
	attempt := g.audit.begin("confirm")
	id, err := g.server.Confirm(ctx)
	if nothing := (*transaction.NothingError)(nil); errors.As(err, &nothing) {
		return g.nothing(nothing, result{Schema: resultSchema})
	}
	if err != nil {
		return err
	}
	attempt.made(id)
	if g.json {
		return report.JSON(g.out, result{Schema: resultSchema, ID: id, Changed: true})
	}
	g.print("Confirmed %s: it stays.\nTo go back: ucs-harden rollback\n", id)
	return nil
}

// nothing says that there is nothing to do. That is no error: a script that wants the server like that has it so. Its JSON
// is the result of a command that has changed nothing.
func (g *global) nothing(e *transaction.NothingError, unchanged any) error {
	g.audit.drop()
	if g.json {
		return report.JSON(g.out, unchanged)
	}
	g.print("Nothing to do: %s.\n", e.Why)
	return nil
}
