package main

import (
	"context"
	"fmt"
	"os"
	"strings"

	"ucs-harden/controls"
	"ucs-harden/internal/run"
	"ucs-harden/plan"
	"ucs-harden/transaction"
	"ucs-harden/ucr"
)

// planned is a plan with what is needed to look again whether it still holds.
type planned struct {
	*plan.Plan
	facts *controls.Facts
	// registry is the snapshot that the plan was made from.
	registry *ucr.Registry
}

// needRoot refuses to go on without the rights that the command needs.
func (g *global) needRoot(what string) error {
	if g.live() && os.Geteuid() != 0 {
		return &failure{code: exitError, hint: "run it as root: sudo ucs-harden " + what, err: unchanged(fmt.Errorf("%s needs root", what))}
	}
	return nil
}

// planPrograms are what a plan is rehearsed and applied with.
var planPrograms = []string{"ucr", "postmap", "postconf", "postfix"}

// needPrograms refuses to begin what would stop halfway for lack of a program.
func (g *global) needPrograms(what string, programs ...string) error {
	for _, p := range programs {
		if err := run.Installed(p); err != nil {
			return unchanged(fmt.Errorf("cannot %s: %w", what, err))
		}
	}
	return nil
}

// makePlan reads the facts, asks the controls, and renders what would come of
// it. It changes nothing.
func (g *global) makePlan(ctx context.Context, mode plan.Mode) (*planned, error) {
	reg, err := ucr.Load(g.root)
	if err != nil {
		return nil, err
	}
	facts, err := g.facts(ctx, reg, mode)
	if err != nil {
		return nil, err
	}
	d, err := controls.Desire(facts, mode)
	if err != nil {
		return nil, &advice{hint: "correct the value of that variable with ucr set, then plan again", err: err}
	}
	p := &plan.Plan{
		Schema: plan.Schema, Mode: d.Mode, Controls: d.Controls, Variables: d.Variables(), Files: d.Files(),
		Findings: d.Findings, Expect: d.Expect, Restrictions: restrictionLines(reg),
	}
	if err := g.addLedger(p, d); err != nil {
		return nil, err
	}
	if p.State, err = g.state(reg, facts); err != nil {
		return nil, err
	}
	if g.live() {
		if err := g.render(ctx, reg, p); err != nil {
			return nil, err
		}
	}
	p.Variables, p.Files, p.Findings = list(p.Variables), list(p.Files), list(p.Findings)
	return &planned{p, facts, reg}, nil
}

// list makes JSON say [] where there is nothing, not null.
func list[T any](l []T) []T {
	if l == nil {
		return []T{}
	}
	return l
}

// restrictionLines are the variables that the published procedure backs up, as
// "ucr search --brief mail/postfix/smtpd/restrictions" prints them.
func restrictionLines(reg *ucr.Registry) string {
	var b strings.Builder
	for _, v := range reg.Prefix("mail/postfix/smtpd/restrictions") {
		fmt.Fprintf(&b, "%s: %s\n", v.Key, v.Text)
	}
	return b.String()
}

// addLedger adds the change of the ledger; a ledger alone is no change, so it
// is only taken along.
func (g *global) addLedger(p *plan.Plan, d *controls.Desired) error {
	now, err := g.read(ledgerFile)
	if err != nil && g.live() {
		return err
	}
	var before, after *string
	if now != nil {
		s := string(now)
		before = &s
	}
	if next := d.Ledger.Bytes(); next != nil {
		s := string(next)
		after = &s
	}
	if f := plan.NewFile(ledgerFile, plan.Ledger, before, after, ""); f.Action != plan.Keep {
		p.Files = append(p.Files, f)
	}
	return nil
}

// stale looks whether the plan is still true.
func (g *global) stale(p *planned) error {
	reg, err := ucr.Load(g.root)
	if err != nil {
		return err
	}
	now, err := g.state(reg, p.facts)
	if err != nil {
		return err
	}
	if changed := p.State.Stale(now); len(changed) > 0 {
		return unchanged(fmt.Errorf("cannot apply: %w: since it was made, these have changed: %s", transaction.ErrStale, strings.Join(changed, ", ")))
	}
	return nil
}

// blocked is the error of a plan that must not be applied.
func blocked(p *plan.Plan, accepted []string) error {
	findings := p.Blocking(accepted)
	if len(findings) == 0 {
		return nil
	}
	// A text may end in a diff, which the plan shows.
	text, _, _ := strings.Cut(findings[0].Text, "\n")
	text, hint := strings.TrimSuffix(text, ":"), findings[0].Hint
	if len(findings) > 1 {
		var more []string
		for _, f := range findings[1:] {
			more = append(more, f.ID)
		}
		text += "; and: " + strings.Join(more, ", ")
		hint += "; ucs-harden plan says what to do about the others"
	}
	return &failure{code: exitError, hint: hint, err: unchanged(fmt.Errorf("cannot apply: %s", text))}
}

// parseMode reads --mode; empty means: as the registry says.
func parseMode(s string) (plan.Mode, error) {
	if s == "" {
		return "", nil
	}
	m, err := plan.ParseMode(s)
	if err != nil {
		return "", usage("cannot use --mode: %s", err)
	}
	return m, nil
}
