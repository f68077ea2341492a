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
	"ucs-harden/evidence"
	"ucs-harden/harden"
	"ucs-harden/outcome"
	"ucs-harden/plan"
	"ucs-harden/report"
	"ucs-harden/transaction"
)

type applyOptions struct {
	mode        string
	all         bool
	yes         bool
	plan        string
	accept      []string
	commands    bool
	diff        bool
	noRehearsal bool
	noEvidence  bool
	// confirmWithin is how long the apply waits to be confirmed. 0 means that it needs no confirmation.
	confirmWithin time.Duration
}

func newApplyCommand(g *global) *cobra.Command {
	var o applyOptions
	cmd := &cobra.Command{
		Use: "apply", SuggestFor: []string{"enable", "install", "commit"},
		Short: "Apply the plan, or leave everything as it is",
		Long: `Shows the plan, rehearses it in a private Postfix, asks, and applies it. A wrong
answer in the rehearsal stops the apply. Everything that the apply changes is
backed up first. If a step or the verification at the end fails, the old state
is restored. "ucs-harden rollback" restores it later.

With --plan, the plan is applied only if it is the same as the plan in the file.
"ucs-harden plan --json" writes such a file.

Before a control comes to enforce, the mail log must show that it refuses no
mail that should come in: warn must have been in force for a week
(mail/harden/enforce/min-days), or the log of a week is replayed, and no group
of mail that looks legitimate may be open. Otherwise the exit status is 5.
--accept evidence:GROUP accepts a group by its name, --no-evidence asks nothing.

With --confirm-within, the change is taken back at the deadline unless
"ucs-harden confirm" is run in time. This also happens if the terminal is lost,
this process is killed, or the server reboots. The time counts from the end of
the apply; setting the clock does not change it. While the apply waits to be
confirmed, no other apply or sync can begin.`,
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
	cmd.Flags().BoolVar(&o.all, "all", false, allHelp)
	cmd.Flags().BoolVarP(&o.yes, "yes", "y", false, "do not ask")
	cmd.Flags().StringVar(&o.plan, "plan", "", "apply only the plan in this `FILE`")
	cmd.Flags().StringArrayVar(&o.accept, "accept", nil,
		"apply despite this `FINDING` or evidence:GROUP; may be given more than once")
	showFlags(cmd, &o.commands, &o.diff)
	cmd.Flags().BoolVar(&o.noEvidence, "no-evidence", false, noEvidenceHelp)
	cmd.Flags().BoolVar(&o.noRehearsal, "no-rehearsal", false, "do not rehearse the plan in a private Postfix first")
	cmd.Flags().DurationVar(&o.confirmWithin, "confirm-within", 0,
		"take the change back after this `TIME` (10m) unless it is confirmed")
	completeModes(cmd)
	completeFlag(cmd, "accept", g.completeFindings(&o.mode, &o.all))
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
	q, err := request(mode, o.all)
	if err != nil {
		return err
	}
	if err := o.contradiction(); err != nil {
		return err
	}
	if err := g.needServer("apply"); err != nil {
		return err
	}
	screen := &planScreen{g: g, accepted: o.accept, commands: o.commands, diff: o.diff}
	attempt := g.audit.begin("apply")
	attempt.mode, attempt.noEvidence = string(mode), o.noEvidence
	done, err := g.server.Apply(ctx, harden.ApplyOptions{
		Request: q, Shown: shown, Accepted: o.accept, SkipRehearsal: o.noRehearsal, ConfirmWithin: o.confirmWithin,
		NoEvidence: o.noEvidence,
		Planned: func(p *harden.Planned) error {
			attempt.mode = string(p.Mode)
			return screen.planned(p)
		},
		Rehearsed: func(r *harden.Rehearsal) error { return screen.rehearsed(ctx, r) },
		Decide: func(p *harden.Planned, within time.Duration) (time.Duration, error) {
			return g.decide(ctx, p, within, o.yes, screen)
		},
	})
	var unknown *harden.AcceptError
	if errors.As(err, &unknown) {
		return wrongAccept(unknown)
	}
	// Findings, a full disk or a failed rehearsal have ended the apply before the plan was shown.
	if failed := screen.leftOver(ctx); failed != nil && err == nil {
		err = failed
	}
	if err != nil {
		return g.showEvidence(err)
	}
	attempt.applied(done)
	if err := g.showApplied(done); err != nil || !g.countsDown(done, o.yes) {
		return err
	}
	g.audit.end(nil, exitDone) // the line about the apply must not wait for the confirmation, which has a line of its own
	g.audit.drop()
	return g.countDown(ctx, done)
}

// contradiction is the error about --no-evidence together with a group of the evidence that is accepted.
func (o applyOptions) contradiction() error {
	for _, id := range o.accept {
		if o.noEvidence && strings.HasPrefix(id, evidence.AcceptPrefix) {
			return usage("--no-evidence does not look at the group that --accept names: %s", id)
		}
	}
	return nil
}

// showEvidence shows the groups of mail for which an apply was refused.
func (g *global) showEvidence(err error) error {
	var lacks *harden.EvidenceError
	if errors.As(err, &lacks) && !g.json {
		if failed := report.Gate(g.out, lacks.Of, lacks.Groups, g.style(false)); failed != nil {
			return failed
		}
	}
	return err
}

// decide asks whether to apply, and whether the apply shall wait to be confirmed. It returns how long it waits. With
// decided (--yes) it asks nothing.
func (g *global) decide(
	ctx context.Context, p *harden.Planned, within time.Duration, decided bool, screen *planScreen,
) (time.Duration, error) {
	if decided {
		return within, nil
	}
	question := fmt.Sprintf("Apply this in mode %s?", controls.ModeText(p.Mode, p.Controls))
	yes, err := g.ask(ctx, screen.summary()+question, no)
	if err != nil || !yes {
		g.audit.drop()
	}
	if err != nil {
		return 0, err
	}
	if !yes {
		return 0, outcome.Advise(outcome.Unchanged(errors.New("not applied")), "ucs-harden apply asks again")
	}
	if within != 0 || p.Mode != plan.Enforce || !isTerminal(g.in) {
		return within, nil
	}
	minutes := int(confirmDefault.Minutes())
	yes, err = g.ask(ctx, fmt.Sprintf("Take it back by itself in %d minutes, unless you confirm it?", minutes), yesByDefault)
	if err != nil {
		g.audit.drop()
	}
	if err != nil || !yes {
		return 0, err
	}
	return confirmDefault, nil
}

// resultSchema is the version of the JSON form of a result. It rises when a name or a meaning changes.
const resultSchema = 1

// result is the JSON output of the commands that change something.
type result struct {
	Schema  int       `json:"schema"`
	ID      string    `json:"id,omitempty"`
	Mode    plan.Mode `json:"mode,omitempty"`
	Changed bool      `json:"changed"`
	// NotRunning: Postfix is not running, so the change takes effect when Postfix starts.
	NotRunning bool `json:"not_running,omitempty"`
	// Deadline is when the apply is taken back unless it is confirmed.
	Deadline *time.Time `json:"deadline,omitempty"`
	// Held are the controls that a sync has left in warn, although the registry has enforce.
	Held []evidence.Readiness `json:"held,omitempty"`
	// Stays are the findings about controls that a sync has left as they run, Skipped those about entries that it has left
	// out. Paused is the rollback for which it has done nothing.
	Stays   []plan.Finding `json:"stays,omitempty"`
	Skipped []plan.Finding `json:"skipped,omitempty"`
	Paused  *harden.Pause  `json:"paused,omitempty"`
	// Waiting is the apply for which a sync was put off.
	Waiting *harden.Waiting `json:"waiting,omitempty"`
	// Kept is what someone else has changed meanwhile, and what was therefore not taken back.
	Kept *kept `json:"kept,omitempty"`
}

// kept is the JSON form of transaction.Kept. The value of an unset variable is null.
type kept struct {
	Variables map[string]*string `json:"variables"`
	Files     []string           `json:"files"`
	Needed    []string           `json:"needed"`
}

func keptIn(k transaction.Kept) *kept {
	if k.None() {
		return nil
	}
	return &kept{k.Others, append([]string{}, k.Files...), append([]string{}, k.Needed...)}
}

func resultOf(done *harden.Applied) *result {
	r := &result{
		Schema: resultSchema, ID: done.ID, Mode: done.Mode, Changed: done.Changed, NotRunning: done.Stopped,
		Deadline: done.Deadline,
	}
	r.shortfall(done)
	return r
}

func (g *global) showApplied(done *harden.Applied) error {
	if g.json {
		return report.JSON(g.out, resultOf(done))
	}
	if done.Waiting != nil {
		g.print("An apply waits to be confirmed. The sync comes when it is confirmed or taken back.\n")
	}
	if done.Paused != nil {
		g.print("%s\n", report.PlainLines(pausedText(*done.Paused)))
	}
	if !done.Changed {
		return nil
	}
	modes := controls.ModeText(done.Mode, done.Plan.Controls)
	g.print("Applied in mode %s as %s.\nTo go back: ucs-harden rollback\n", modes, done.ID)
	for _, f := range done.Plan.StayOn() {
		g.printFinding(f)
	}
	if done.Stopped {
		g.print("Postfix is not running: the change takes effect when Postfix starts.\n")
	}
	if done.Deadline != nil {
		g.print("It is taken back at %s unless you run: ucs-harden confirm\n", done.Deadline.Local().Format(time.TimeOnly))
	}
	return nil
}

// printFinding prints a finding beside the result of a command.
func (g *global) printFinding(f plan.Finding) {
	g.print("%s: %s\nhint: %s\n", f.Severity, report.PlainLines(f.Text), report.PlainLines(f.Hint))
}

// readPlan reads a plan that "ucs-harden plan --json" has written.
func readPlan(path string) (*plan.Plan, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, outcome.Advise(fmt.Errorf("cannot read the plan: %w", err), "ucs-harden plan --json > FILE writes a plan")
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
