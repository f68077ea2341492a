package main

import (
	"context"

	"github.com/spf13/cobra"

	"ucs-harden/deadline"
)

// Package deadline says who starts this command.

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

// runWatch says on standard error what was taken back, and what failed: systemd keeps it in its journal.
func (g *global) runWatch(ctx context.Context, second, alone bool) error {
	if err := g.needRoot("watch"); err != nil {
		return err
	}
	role := deadline.First
	switch {
	case alone:
		role = deadline.Alone
	case second:
		role = deadline.Second
	}
	return g.server.Watch(ctx, role, g.in, func(err error) { g.complain("error: %s\n", err) })
}
