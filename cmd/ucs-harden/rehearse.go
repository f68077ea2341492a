package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"ucs-harden/plan"
	"ucs-harden/report"
)

type rehearseOptions struct {
	mode string
	all  bool
}

func newRehearseCommand(g *global) *cobra.Command {
	var o rehearseOptions
	cmd := &cobra.Command{
		Use:   "rehearse",
		Short: "Ask a private Postfix what the plan would answer",
		Long: `Runs today's configuration and that of the plan in a private Postfix each, on
loopback and with nothing delivered, and asks both for several hundred letters
made from this server's domains, controllers, networks and users. Shows where
the answers differ and whether they are what the controls promise. Changes
nothing. "ucs-harden apply" does the same first.

Restrictions ask DNS for the foreign domain of these letters, by default
iana.org; the registry variable ` + foreignVariable + ` names another.

Exits with 2 when answers would differ, with 1 when one of them is wrong.
` + exitHelp,
		Example: `  ucs-harden rehearse --mode warn
  ucs-harden rehearse --mode enforce --all`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return g.runRehearse(cmd.Context(), o) },
	}
	cmd.Flags().StringVar(&o.mode, "mode", "", "rehearse this `MODE`: off, warn or enforce")
	cmd.Flags().BoolVar(&o.all, "all", false, "show all letters, not only where answers differ")
	completeModes(cmd)
	return cmd
}

func (g *global) runRehearse(ctx context.Context, o rehearseOptions) error {
	mode, err := parseMode(o.mode)
	if err != nil {
		return err
	}
	if err := g.needRoot("rehearse"); err != nil {
		return err
	}
	if err := g.needPrograms("rehearse", planPrograms...); err != nil {
		return err
	}
	p, err := g.makePlan(ctx, mode)
	if err != nil {
		return err
	}
	m, err := g.rehearse(ctx, p)
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

// rehearsed rehearses a plan before it is applied, and says what came of it. A
// wrong answer stops the apply. Where all controls go off, a rehearsal that is
// not possible does not: off is a way back.
func (g *global) rehearsed(ctx context.Context, p *planned, skip bool) (string, error) {
	if skip {
		g.complain("warning: not rehearsed (--no-rehearsal): nobody has tried what this plan does to mail\n")
		return "skipped", nil
	}
	m, err := g.rehearse(ctx, p)
	if err != nil {
		if ctx.Err() == nil && allOff(p.Plan) {
			g.complain("warning: %s; applied all the same, since it takes the controls back\n", err)
			return "not possible", nil
		}
		return "", &advice{hint: "correct what the error names, then plan again; ucs-harden -v rehearse shows more", err: unchanged(err)}
	}
	n := m.Count()
	if n.Wrong > 0 {
		if !g.json {
			if err := report.MatrixWrong(g.out, m, g.style(false)); err != nil {
				return "", err
			}
		}
		return "", &failure{
			code: exitError, hint: "correct what is in the way, then plan again; ucs-harden rehearse --all shows every letter",
			err: unchanged(fmt.Errorf("cannot apply: %d of %d rehearsed answers would be wrong, such as %s: %s", n.Wrong, n.Cells, m.Wrong()[0], m.Wrong()[0].Why)),
		}
	}
	summary := n.String()
	if !g.json {
		if err := report.MatrixPassed(g.out, m, g.style(false)); err != nil {
			return "", err
		}
	}
	return summary, nil
}

func allOff(p *plan.Plan) bool {
	for _, c := range p.Controls {
		if c.Active() {
			return false
		}
	}
	return true
}
