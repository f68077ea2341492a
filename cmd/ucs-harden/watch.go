package main

import (
	"context"

	"github.com/spf13/cobra"

	"ucs-harden/deadline"
	"ucs-harden/outcome"
)

// The package comment of deadline says when this hidden command is started.

func newWatchCommand(g *global) *cobra.Command {
	var second, alone bool
	cmd := &cobra.Command{
		Use:    "watch",
		Short:  "Take an apply back at its deadline",
		Hidden: true,
		Args:   noArgs,
		RunE:   func(cmd *cobra.Command, _ []string) error { return g.runWatch(cmd.Context(), second, alone) },
	}
	cmd.Flags().BoolVar(&second, "second", false, "be the second of the pair")
	cmd.Flags().BoolVar(&alone, "alone", false, "start no second: systemd starts this one again")
	return cmd
}

// runWatch prints on standard error what was taken back and what failed. If systemd started it, this goes into
// systemd's journal.
func (g *global) runWatch(ctx context.Context, second, alone bool) error {
	if err := g.needServer("watch"); err != nil {
		return err
	}
	role := deadline.First
	switch {
	case alone:
		role = deadline.Alone
	case second:
		role = deadline.Second
	}
	last := ""
	return g.server.Watch(ctx, role, g.in, func(err error) {
		text := err.Error()
		g.failed(text, "", nil)
		if text == last {
			return // the watcher tries again and again
		}
		last = text
		g.audit.begin(automaticRollback)
		g.audit.end(err, statuses[outcome.ClassOf(err)])
		g.audit.drop()
	})
}
