package main

import (
	"context"

	"github.com/spf13/cobra"

	"ucs-harden/harden"
	"ucs-harden/plan"
	"ucs-harden/report"
)

type planOptions struct {
	all      bool
	mode     string
	commands bool
	diff     bool
}

func newPlanCommand(g *global) *cobra.Command {
	var o planOptions
	cmd := &cobra.Command{
		Use: "plan", SuggestFor: []string{"diff", "preview", "show"},
		Short: "Show what would change, and why",
		Long: `Shows what an apply would do to mail: which mail would be newly refused, newly
allowed (relaying for domain controllers is a right that is given) and newly
logged, each with the number of test messages and an example. Then what was found
wrong or risky, and why each control is there. The consequences follow from the
rules of the controls; "ucs-harden rehearse" asks a Postfix. Changes nothing.

With --commands, shows the registry variables and the changes as shell commands;
with --diff, the generated files and the rendered main.cf and master.cf.

Without --mode, the modes are those in the registry (mail/harden/mode and
mail/harden/CONTROL/mode). With --root, the plan is made from an archived /etc.
Then no program is run, and main.cf and master.cf are not rendered.

Exits with 2 if something would change, and with 1 if a finding of severity
"error" forbids the apply.`,
		Example: `  ucs-harden plan --mode warn
  ucs-harden plan --mode enforce --commands --diff
  ucs-harden plan --root /srv/archive/mail1 --ldif controllers.ldif --mode warn`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return g.runPlan(cmd.Context(), o) },
	}
	cmd.Flags().StringVar(&o.mode, "mode", "", "plan for this `MODE`: off, warn or enforce")
	cmd.Flags().BoolVar(&o.all, "all", false, allHelp)
	showFlags(cmd, &o.commands, &o.diff)
	completeModes(cmd)
	return cmd
}

const allHelp = "with --mode off: also controls and mail domains with a mode of their own"

// request makes the request of --mode and --all.
func request(mode plan.Mode, all bool) (harden.Request, error) {
	if all && mode != plan.Off {
		return harden.Request{}, usage("--all goes with --mode off")
	}
	return harden.Request{Mode: mode, AllOff: all}, nil
}

// runPlan exits with exitPending when something would change, and with exitError when something forbids it.
func (g *global) runPlan(ctx context.Context, o planOptions) error {
	mode, err := parseMode(o.mode)
	if err != nil {
		return err
	}
	q, err := request(mode, o.all)
	if err != nil {
		return err
	}
	if err := g.needServer("plan"); err != nil {
		return err
	}
	p, err := g.server.PlanFor(ctx, q)
	if err != nil {
		return err
	}
	if err := g.server.AskEvidence(ctx, p); err != nil {
		return err
	}
	v := report.PlanScreen{Plan: p.Plan, Commands: o.commands, Diff: o.diff}
	if p.Changes() {
		v.Matrix, v.Unknown = g.server.Foresee(ctx, p)
	}
	if g.json {
		err = report.JSON(g.out, report.View(v))
	} else {
		err = report.Plan(g.out, v, g.style(false))
	}
	switch {
	case err != nil:
		return err
	case len(p.Blocking(nil)) > 0:
		return quiet(exitError)
	case p.Changes():
		return quiet(exitPending)
	}
	return nil
}

// parseMode reads --mode. "" means the modes in the registry.
func parseMode(s string) (plan.Mode, error) {
	if s == "" {
		return "", nil
	}
	m, err := plan.ParseMode(s)
	if err == nil {
		return m, nil
	}
	if meant := meantMode(s); meant != "" {
		return "", misused("did you mean: --mode "+string(meant), "cannot use --mode: %s", err)
	}
	return "", usage("cannot use --mode: %s", err)
}

func completeModes(cmd *cobra.Command) {
	completeFlag(cmd, "mode", cobra.FixedCompletions([]string{
		"off\tswitch the controls off", "warn\twatch, refuse nothing", "enforce\trefuse",
	}, cobra.ShellCompDirectiveNoFileComp))
}
