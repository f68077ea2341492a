package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"ucs-harden/harden"
	"ucs-harden/history"
	"ucs-harden/outcome"
	"ucs-harden/report"
	"ucs-harden/transaction"
)

type rollbackOptions struct {
	id, to             string
	force, yes, dryRun bool
}

func newRollbackCommand(g *global) *cobra.Command {
	var o rollbackOptions
	cmd := &cobra.Command{
		Use: "rollback [ID]", SuggestFor: []string{"undo", "revert", "restore", "back"},
		Short: "Take the last (or the named) apply back",
		Long: `Restores the state before the last apply, or before the apply with this ID:
registry variables, files, modes and owners. With --to, takes back all that is
newer than the apply with that ID. Without --force, the rollback is refused if
someone else, or a newer apply, has changed any of this since. What someone else
changes during the rollback is kept and named.

Shows what it would take back and asks, if it is run on a terminal.

Afterwards syncs wait, so that they do not bring back what was taken back, until
the next apply or ucs-harden sync --resume.

If nothing is in effect, or the named change is not, nothing is done, and that is
no error (exit status 0). An ID that the history does not have is an error.`,
		Example: `  ucs-harden rollback --dry-run
  ucs-harden rollback
  ucs-harden rollback --to 20261120T225558Z-377bc6a9 --yes`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 1 {
				return usage("rollback takes the name of one change, not %d", len(args))
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 1 {
				o.id = args[0]
			}
			if o.id != "" && o.to != "" {
				return usage("rollback takes either the name of a change or --to")
			}
			return g.runRollback(cmd.Context(), o)
		},
	}
	cmd.ValidArgsFunction = g.completeChanges
	cmd.Flags().StringVar(&o.to, "to", "", "take back all that is newer than the apply with this `ID`")
	completeFlag(cmd, "to", g.completeChanges)
	cmd.Flags().BoolVar(&o.force, "force", false, "overwrite changes that someone else has made since")
	cmd.Flags().BoolVarP(&o.yes, "yes", "y", false, "do not ask")
	cmd.Flags().BoolVar(&o.dryRun, "dry-run", false, "only show what would be taken back")
	return cmd
}

func (g *global) runRollback(ctx context.Context, o rollbackOptions) error {
	if err := g.needServer("rollback"); err != nil {
		return err
	}
	attempt := g.audit.begin("rollback")
	back, err := g.server.Rollback(ctx, harden.RollbackOptions{
		ID: o.id, To: o.to, Force: o.force,
		Decide: func(changes []history.Change) error { return g.decideRollback(ctx, changes, o) },
	})
	for _, b := range back {
		attempt.made(b.ID)
	}
	if nothing := (*transaction.NothingError)(nil); len(back) == 0 && errors.As(err, &nothing) {
		unchanged := rolledBack{Schema: rollbackSchema, IDs: []string{}, Newer: []string{}}
		return g.nothing(nothing, unchanged)
	}
	if err != nil {
		return err
	}
	if g.json {
		return report.JSON(g.out, rollbackResult(back))
	}
	for _, b := range back {
		now := "the server is as it was before"
		if len(b.Newer) > 0 {
			now = "newer changes stay in effect: " + strings.Join(b.Newer, ", ")
		}
		g.print("Rolled back %s: %s.\n", b.ID, report.PlainLines(afterwards(b.Kept, now)))
	}
	if pause, err := g.server.Paused(); err == nil && pause != nil {
		g.print("Syncs wait until the next apply or ucs-harden sync --resume.\n")
	}
	return nil
}

// decideRollback shows what would be taken back and asks. Without a terminal it asks nothing: a script that rolls back
// means it.
func (g *global) decideRollback(ctx context.Context, changes []history.Change, o rollbackOptions) error {
	asks := isTerminal(g.in) && !o.yes && !g.json
	if !asks && !o.dryRun {
		return nil
	}
	if g.json {
		shown := history.History{Schema: history.Schema, Changes: changes, Differs: []history.Difference{}}
		if err := report.JSON(g.out, shown); err != nil {
			return err
		}
		return quiet(exitDone)
	}
	if err := report.History(g.out, changes, g.style(true)); err != nil {
		return err
	}
	if o.dryRun {
		return quiet(exitDone)
	}
	what := "this"
	if n := len(changes); n > 1 {
		what = fmt.Sprintf("these %d changes", n)
	}
	yes, err := g.ask(ctx, "Take back "+what+"?", no)
	if err != nil || !yes {
		g.audit.drop()
	}
	if err == nil && !yes {
		err = outcome.Advise(outcome.Unchanged(errors.New("not rolled back")), "ucs-harden rollback asks again")
	}
	return err
}

// rollbackResult makes the JSON output.
func rollbackResult(back []*transaction.TakenBack) *rolledBack {
	last := back[len(back)-1]
	out := &rolledBack{
		Schema: rollbackSchema, ID: last.ID, Changed: true, IDs: []string{}, Newer: append([]string{}, last.Newer...),
	}
	for _, b := range back {
		out.IDs = append(out.IDs, b.ID)
		if k := keptIn(b.Kept); k != nil {
			out.Kept = k
		}
	}
	return out
}

// rollbackSchema is the version of the JSON form of a rolledBack. It rises when a name or a meaning changes.
const rollbackSchema = 1

// rolledBack is the JSON output of rollback.
type rolledBack struct {
	Schema int `json:"schema"`
	// ID is the oldest change that was taken back, IDs are all, the newest first.
	ID      string   `json:"id,omitempty"`
	IDs     []string `json:"ids"`
	Changed bool     `json:"changed"`
	// Kept is what someone else has changed meanwhile, and what was therefore not taken back.
	Kept *kept `json:"kept,omitempty"`
	// Newer are newer changes that stay in effect.
	Newer []string `json:"newer"`
}
