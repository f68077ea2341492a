package main

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	"ucs-harden/harden"
	"ucs-harden/report"
)

// showFlags are the options that show more of a plan.
func showFlags(cmd *cobra.Command, commands, diff *bool) {
	cmd.Flags().BoolVar(commands, "commands", false, "show the registry variables and the changes as shell commands")
	cmd.Flags().BoolVar(diff, "diff", false, "show the generated files, main.cf and master.cf as diffs")
}

// planScreen shows the plan of an apply once: after the rehearsal, which tells what people will notice.
type planScreen struct {
	g              *global
	accepted       []string
	commands, diff bool

	plan  *harden.Planned
	view  report.PlanScreen
	shown bool
}

func (s *planScreen) planned(p *harden.Planned) error {
	s.plan = p
	return nil
}

// rehearsed shows the plan with the result of its rehearsal.
func (s *planScreen) rehearsed(ctx context.Context, r *harden.Rehearsal) error {
	if err := s.show(ctx, r); err != nil {
		return err
	}
	switch {
	case r.Matrix == nil:
		s.g.warnUnrehearsed(r)
	case r.Matrix.Count().Wrong > 0 && !s.g.json:
		return report.MatrixWrong(s.g.out, r.Matrix, s.g.style(false))
	}
	return nil
}

// warnUnrehearsed says why there are no answers.
func (g *global) warnUnrehearsed(r *harden.Rehearsal) {
	if r.Impossible != nil {
		why := "the plan needs no rehearsal, because it switches all controls off"
		if !r.AllOff {
			why = "the plan is applied without a rehearsal"
		}
		g.warn(r.Impossible.Error()+"; "+why, "")
		return
	}
	g.warn("not rehearsed (--no-rehearsal): the effect of this plan on mail is untested", "")
}

// showRehearsal prints what an administrator must know about the rehearsal of a sync, which does not show its plan.
func (g *global) showRehearsal(r *harden.Rehearsal) error {
	switch {
	case r.Matrix == nil:
		g.warnUnrehearsed(r)
	case g.json:
	case r.Matrix.Count().Wrong > 0:
		return report.MatrixWrong(g.out, r.Matrix, g.style(false))
	default:
		return report.MatrixPassed(g.out, r.Matrix, g.style(false))
	}
	return nil
}

// leftOver shows the plan of an apply that has ended before its rehearsal, unless somebody has interrupted it.
func (s *planScreen) leftOver(ctx context.Context) error {
	if s.plan == nil || s.shown || ctx.Err() != nil || s.g.json {
		return nil
	}
	return s.show(ctx, nil)
}

// show writes the plan. Without a rehearsal, the consequences are those that the rules foretell.
func (s *planScreen) show(ctx context.Context, r *harden.Rehearsal) error {
	s.shown = true
	s.view = report.PlanScreen{Plan: s.plan.Plan, Accepted: s.accepted, Commands: s.commands, Diff: s.diff}
	if r != nil && r.Matrix != nil {
		s.view.Matrix = r.Matrix
	} else if s.plan.Changes() {
		s.view.Matrix, s.view.Unknown = s.g.server.Foresee(ctx, s.plan)
	}
	if s.g.json {
		return nil
	}
	return report.Plan(s.g.out, s.view, s.g.style(false))
}

// summary is what stands again above the question.
func (s *planScreen) summary() string {
	style := s.g.style(false)
	style.Color = style.Color && isTerminal(s.g.err)
	var out strings.Builder
	out.WriteString("\n")
	_ = report.Summary(&out, s.view, style) // a strings.Builder takes everything
	return out.String()
}
