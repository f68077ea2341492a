package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"ucs-harden/controls"
	"ucs-harden/plan"
	"ucs-harden/report"
	"ucs-harden/transaction"
)

type applyOptions struct {
	mode        string
	yes         bool
	plan        string
	accept      []string
	diff        bool
	noRehearsal bool
	// confirmWithin is how long the apply waits to be confirmed; 0 is not at all.
	confirmWithin time.Duration
}

func newApplyCommand(g *global) *cobra.Command {
	var o applyOptions
	cmd := &cobra.Command{
		Use:   "apply",
		Short: "Apply the plan, or leave everything as it is",
		Long: `Shows the plan, rehearses it in a private Postfix, asks, and applies it; a
wrong answer in the rehearsal stops it. Everything that is touched is backed up
first; when a step or the verification at the end fails, the old state is
brought back. "ucs-harden rollback" brings it back later.

With --plan it applies only if a new plan is the same as the one in the file,
which "ucs-harden plan --json" wrote.

With --confirm-within it is taken back by itself unless "ucs-harden confirm" is
run in time: also when the terminal is lost, this process is killed, or the
server reboots. The time counts from the end of the apply; setting the clock
does not change it. Until then no other apply or sync begins.
` + exitHelp,
		Example: `  ucs-harden apply --mode warn
  ucs-harden apply --mode enforce --confirm-within 10m
  ucs-harden plan --mode warn --json > warn.json; ucs-harden apply --plan warn.json --yes`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if cmd.Flags().Changed("confirm-within") && o.confirmWithin < shortestConfirm {
				return usage("--confirm-within needs a time such as 10m, at least %s", shortestConfirm)
			}
			return g.runApply(cmd.Context(), o)
		},
	}
	cmd.Flags().StringVar(&o.mode, "mode", "", "apply this `MODE`: off, warn or enforce")
	cmd.Flags().BoolVarP(&o.yes, "yes", "y", false, "do not ask")
	cmd.Flags().StringVar(&o.plan, "plan", "", "apply only what this `FILE` shows")
	cmd.Flags().StringArrayVar(&o.accept, "accept", nil, "go on in spite of this `FINDING`; may be given more than once")
	cmd.Flags().BoolVar(&o.diff, "diff", false, "show diffs whole, however long")
	cmd.Flags().BoolVar(&o.noRehearsal, "no-rehearsal", false, "do not try the plan in a private Postfix first")
	cmd.Flags().DurationVar(&o.confirmWithin, "confirm-within", 0, "take it back by itself after this `TIME` (10m) unless confirmed")
	completeModes(cmd)
	return cmd
}

func (g *global) runApply(ctx context.Context, o applyOptions) error {
	mode, err := parseMode(o.mode)
	if err != nil {
		return err
	}
	var shown *plan.Plan
	if o.plan != "" {
		if shown, err = readPlan(o.plan); err != nil {
			return err
		}
		if mode != "" && mode != shown.Mode {
			return usage("--mode %s contradicts the plan, which is for mode %s", mode, shown.Mode)
		}
		mode = shown.Mode
	}
	release, err := g.lock(ctx, "apply")
	if err != nil {
		return err
	}
	defer release()
	if err := g.needPrograms("apply", planPrograms...); err != nil {
		return err
	}
	p, err := g.makePlan(ctx, mode)
	if err != nil {
		return unchanged(err)
	}
	if shown != nil {
		if err := sameAs(shown, p.Plan); err != nil {
			return err
		}
	}
	if !g.json {
		if err := g.showPlan(p, o.diff); err != nil {
			return err
		}
	}
	if err := p.UnknownAccepted(o.accept); err != nil {
		return unchanged(usage("cannot use --accept: %s", err))
	}
	if !p.Changes() {
		if err := blocked(p.Plan, p.AcceptableIDs()); err != nil {
			return err
		}
		return g.showResult(result{Mode: p.Mode})
	}
	if err := blocked(p.Plan, o.accept); err != nil {
		return err
	}
	rehearsal, err := g.rehearsed(ctx, p, o.noRehearsal)
	if err != nil {
		return err
	}
	if !o.yes {
		yes, err := g.ask(ctx, fmt.Sprintf("Apply this in mode %s?", controls.ModeText(p.Mode, p.Controls)))
		if err != nil {
			return err
		}
		if !yes {
			return &failure{code: exitError, hint: "ucs-harden apply asks again", err: unchanged(errors.New("not applied"))}
		}
	}
	within, err := g.confirmWithin(ctx, o, p)
	if err != nil {
		return err
	}
	return g.apply(ctx, p, transaction.Options{Accepted: o.accept, Rehearsal: rehearsal, ConfirmWithin: within})
}

// apply does what the plan shows, and says so.
func (g *global) apply(ctx context.Context, p *planned, o transaction.Options) error {
	done, err := g.carryOut(ctx, p, o)
	if err != nil {
		return err
	}
	return g.showResult(*done)
}

// carryOut does what the plan shows, if it is still true.
func (g *global) carryOut(ctx context.Context, p *planned, o transaction.Options) (*result, error) {
	if err := g.stale(p); err != nil {
		return nil, err
	}
	o.Version, o.Now = version, time.Now()
	o.Watch = func(ctx context.Context, id string) error { return g.arm(ctx, id, o.ConfirmWithin) }
	id, err := g.machine().Apply(ctx, p.Plan, o)
	g.idle()
	if err != nil {
		return nil, fmt.Errorf("cannot apply: %w", err)
	}
	r := &result{ID: id, Mode: p.Mode, Changed: true, modes: controls.ModeText(p.Mode, p.Controls)}
	if o.ConfirmWithin > 0 {
		r.Deadline = g.deadline()
	}
	return r, nil
}

// result is what a changing command has done.
type result struct {
	Schema  int       `json:"schema"`
	ID      string    `json:"id,omitempty"`
	Mode    plan.Mode `json:"mode,omitempty"`
	Changed bool      `json:"changed"`
	modes   string    // the mode, and what differs from it
	// Deadline is when it is taken back unless confirmed.
	Deadline *time.Time `json:"deadline,omitempty"`
}

func (g *global) showResult(r result) error {
	if g.json {
		r.Schema = plan.Schema
		return report.JSON(g.out, r)
	}
	if r.Changed {
		g.print("Applied in mode %s as %s.\nTo go back: ucs-harden rollback\n", r.modes, r.ID)
		if g.stopped {
			g.print("Postfix is not running: what was applied counts from its next start.\n")
		}
		if r.Deadline != nil {
			g.print("It is taken back at %s unless you run: ucs-harden confirm\n", r.Deadline.Local().Format(time.TimeOnly))
		}
	}
	return nil
}

// readPlan reads what "plan --json" wrote.
func readPlan(path string) (*plan.Plan, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, &advice{hint: "ucs-harden plan --json > FILE writes a plan", err: fmt.Errorf("cannot read the plan: %w", err)}
	}
	var p plan.Plan
	if err := json.Unmarshal(content, &p); err != nil {
		return nil, usage("cannot read the plan %s: %s", path, err)
	}
	if p.Schema != plan.Schema {
		return nil, usage("cannot use the plan %s: it has schema %d, this program knows %d", path, p.Schema, plan.Schema)
	}
	return &p, nil
}

// sameAs refuses a plan that is not any more what was shown.
func sameAs(shown, now *plan.Plan) error {
	if changed := shown.State.Stale(now.State); len(changed) > 0 {
		return unchanged(fmt.Errorf("cannot apply: %w: since it was made, these have changed: %s", transaction.ErrStale, strings.Join(changed, ", ")))
	}
	a, errA := json.Marshal([]any{shown.Variables, shown.Files, shown.Rendered.Files()})
	b, errB := json.Marshal([]any{now.Variables, now.Files, now.Rendered.Files()})
	if err := errors.Join(errA, errB); err != nil {
		return fmt.Errorf("cannot compare the plans: %w", err)
	}
	if string(a) != string(b) {
		return unchanged(fmt.Errorf("cannot apply: %w: a new plan is not the same", transaction.ErrStale))
	}
	return nil
}
