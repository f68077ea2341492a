package main

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"ucs-harden/report"
)

func newRecoverCommand(g *global) *cobra.Command {
	return &cobra.Command{
		Use: "recover", SuggestFor: []string{"repair"},
		Short: "Finish what a crash interrupted",
		Long: `Takes back an apply, or finishes a rollback, that a crash, a kill or a full disk
interrupted. Also takes back an apply that was not confirmed in time. Otherwise
changes nothing; if an apply waits to be confirmed, recover makes sure that its
deadline is watched. recover runs at boot. The commands that change something do
the same before they begin.

A systemd timer watches the deadline. Without systemd, two processes watch it,
and each replaces the other if it is killed. If both are killed at the same
moment, nothing watches the deadline until the next of these commands or the
next boot.`,
		Example: "  ucs-harden recover",
		Args:    noArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return g.runRecover(cmd.Context()) },
	}
}

func (g *global) runRecover(ctx context.Context) error {
	if err := g.needServer("recover"); err != nil {
		return err
	}
	g.audit.begin("recover")
	r, err := g.server.Recover(ctx)
	if err != nil {
		return err
	}
	if r.Recovered != nil && !r.Waits {
		g.audit.recovered(r.Recovered)
	}
	if g.json {
		out := result{Schema: resultSchema}
		if r.Recovered != nil {
			out.ID, out.Changed, out.Kept = r.ID, !r.Waits, keptIn(r.Kept)
		}
		if r.Waits {
			out.Deadline = &r.Deadline
		}
		return report.JSON(g.out, out)
	}
	switch {
	case r.Recovered == nil:
		g.print("Nothing to recover.\n")
	case r.Waits:
		g.print("%s waits to be confirmed until %s.\n", r.ID, r.Deadline.Local().Format(time.DateTime))
	default:
		g.print("%s\n", report.PlainLines(recovered(r.Recovered)))
	}
	return nil
}
