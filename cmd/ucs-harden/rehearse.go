package main

import (
	"context"

	"github.com/spf13/cobra"

	"ucs-harden/harden"
	"ucs-harden/report"
)

type rehearseOptions struct {
	mode string
	all  bool
}

func newRehearseCommand(g *global) *cobra.Command {
	var o rehearseOptions
	cmd := &cobra.Command{
		Use: "rehearse", SuggestFor: []string{"simulate", "test"},
		Short: "Ask a private Postfix what the plan would answer",
		Long: `Runs two private Postfix instances, one with today's configuration and one with
the planned one. They deliver nothing, and other users cannot reach them. Both
answer several hundred test messages, made from this server's domains,
controllers, networks and users, and from the administrator's own tables. Shows
where the answers differ, and whether they are as the controls promise. Changes
nothing. "ucs-harden apply" rehearses the plan as well.

Policy services are not asked, since they may count what they are asked. A note
names each: what it refuses is not rehearsed.

Restrictions look up the foreign domain of these messages in DNS. It is iana.org
unless the registry variable ` + harden.ForeignVariable + `
names another.

Exits with 2 if answers would differ, and with 1 if one of them is wrong.`,
		Example: `  ucs-harden rehearse --mode warn
  ucs-harden rehearse --mode enforce --all`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return g.runRehearse(cmd.Context(), o) },
	}
	cmd.Flags().StringVar(&o.mode, "mode", "", "rehearse this `MODE`: off, warn or enforce")
	cmd.Flags().BoolVar(&o.all, "all", false, "show all test messages, not only those answered differently")
	completeModes(cmd)
	return cmd
}

func (g *global) runRehearse(ctx context.Context, o rehearseOptions) error {
	mode, err := parseMode(o.mode)
	if err != nil {
		return err
	}
	if err := g.needServer("rehearse"); err != nil {
		return err
	}
	p, err := g.server.Plan(ctx, mode)
	if err != nil {
		return err
	}
	m, err := g.server.Rehearse(ctx, p)
	if err != nil {
		return err
	}
	if g.json {
		err = report.JSON(g.out, m)
	} else {
		err = report.Matrix(g.out, m, g.style(o.all))
	}
	if err != nil {
		return err
	}
	switch n := m.Count(); {
	case n.Wrong > 0:
		return quiet(exitError)
	case n.Differences > 0:
		return quiet(exitPending)
	}
	return nil
}
