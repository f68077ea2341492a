package harden

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"ucs-harden/controls"
	"ucs-harden/findings"
	"ucs-harden/outcome"
	"ucs-harden/plan"
	"ucs-harden/transaction"
	"ucs-harden/ucr"
	"ucs-harden/wishes"
)

// Planned is a plan with the facts that it was made from.
type Planned struct {
	*plan.Plan
	facts *facts
	// next is main.cf and master.cf as a dry run renders them. It is empty on an archive, where no program runs.
	next configuration
	// spared are the IDs of findings that do not stop a sync, because what they are about was left out.
	spared map[string]bool
}

// StayOn returns the findings about controls that mode off does not switch off.
func (p *Planned) StayOn() []plan.Finding {
	others := func(f plan.Finding) bool { return !findings.StaysOn.Is(f) }
	return slices.DeleteFunc(slices.Clone(p.Findings), others)
}

// desire asks the controls what they want.
func desire(f *facts) (*controls.Desired, error) {
	if f.request.stop {
		return controls.DesireStopped(f.Facts, f.request.removed), nil
	}
	if f.request.sync {
		return f.leaving(), nil
	}
	d, err := controls.Desire(f.Facts, f.request.Mode)
	if err != nil {
		return nil, &SettingError{err}
	}
	return d, nil
}

// plan makes the plan: the difference between the facts and the desired state, with a dry run of what UCR would render.
// For a sync, a control that the dry run shows to be impossible is left as it runs.
func (s *Server) plan(ctx context.Context, f *facts, d *controls.Desired) (*Planned, error) {
	for {
		p, err := s.planOf(ctx, f, d)
		if err != nil || !f.request.sync || !d.Leave(p.accepted(), p.Findings...) {
			return p, err
		}
		d = f.leaving()
	}
}

func (s *Server) planOf(ctx context.Context, f *facts, d *controls.Desired) (*Planned, error) {
	p := &Planned{facts: f, spared: d.Spared(), Plan: &plan.Plan{
		Schema: plan.Schema, Mode: d.Mode, Controls: d.Controls, State: f.state,
		Variables: list(d.Variables()), Files: list(d.Files()),
		Findings: list(d.Findings), Expect: d.Expect, Restrictions: restrictionLines(f.registry),
	}}
	p.addLedger(d)
	if f.ledger == nil && !f.request.stop {
		p.Findings = append(p.Findings, controls.Marks.Findings(f.Registry, f.Ledger)...)
	}
	if !f.request.stop {
		p.Findings = append(p.Findings, controls.Unknown(f.Registry, OtherVariables()...)...)
	}
	p.unfit()
	p.Findings = append(p.Findings, wishes.TooLong(p.Variables)...)
	if s.Live() {
		if err := s.render(ctx, p); err != nil {
			return nil, err
		}
	}
	p.coverage()
	p.everybody()
	return p, nil
}

// OtherVariables are the registry variables below mail/harden/ that are no business of the controls.
func OtherVariables() []string { return append(EvidenceVariables(), ForeignVariable) }

// list makes an empty slice of nil, so that JSON has [] and not null.
func list[T any](l []T) []T {
	if l == nil {
		return []T{}
	}
	return l
}

// restrictionLines lists the variables that the published procedure backs up. The format is that of
// "ucr search --brief mail/postfix/smtpd/restrictions".
func restrictionLines(reg *ucr.Registry) string {
	var b strings.Builder
	for _, v := range reg.Prefix("mail/postfix/smtpd/restrictions") {
		fmt.Fprintf(&b, "%s: %s\n", v.Key, v.Text)
	}
	return b.String()
}

// addLedger adds the change of the ledger. A plan that changes only the ledger still counts as a plan without changes.
func (p *Planned) addLedger(d *controls.Desired) {
	f := plan.NewFile(ledgerFile, plan.Ledger, text(p.facts.ledger), text(d.Ledger.Bytes()), "")
	if f.Action != plan.Keep && !p.facts.noLedger {
		p.Files = append(p.Files, f)
	}
}

// text is the content of a file for a plan. nil means that there is no file.
func text(content []byte) *string {
	if content == nil {
		return nil
	}
	s := string(content)
	return &s
}

// fresh checks, directly before the plan is applied, whether the plan is stale. It reads the facts again, and asks the
// directory again. If something has changed, it makes a new plan. The plan is stale only if the new plan differs.
func (s *Server) fresh(ctx context.Context, p *Planned) (*Planned, error) {
	f, err := s.facts(ctx, p.facts.request, p.facts)
	if err != nil {
		return nil, outcome.Unchanged(err)
	}
	changed := p.State.Stale(f.state)
	if len(changed) == 0 {
		return p, nil
	}
	d, err := desire(f)
	if err != nil {
		return nil, outcome.Unchanged(err)
	}
	again, err := s.plan(ctx, f, d)
	if err != nil {
		return nil, outcome.Unchanged(err)
	}
	if same, err := samePlan(p.Plan, again.Plan); err != nil || !same {
		return nil, errors.Join(err, stale(changed))
	}
	return again, nil
}

// sameAs returns an error if the plan differs from the plan that was shown.
func sameAs(shown, now *plan.Plan) error {
	same, err := samePlan(shown, now)
	if err != nil || same {
		return err
	}
	if changed := shown.State.Stale(now.State); len(changed) > 0 {
		return stale(changed)
	}
	return outcome.Unchanged(fmt.Errorf("cannot apply: %w: a new plan would be different", transaction.ErrStale))
}

func stale(changed []string) error {
	return outcome.Unchanged(fmt.Errorf("cannot apply: %w: since it was made, these have changed: %s",
		transaction.ErrStale, strings.Join(changed, ", ")))
}

// samePlan reports whether two plans would do the same to the server.
func samePlan(a, b *plan.Plan) (bool, error) {
	textA, errA := json.Marshal([]any{a.Variables, a.Files, a.Rendered})
	textB, errB := json.Marshal([]any{b.Variables, b.Files, b.Rendered})
	if err := errors.Join(errA, errB); err != nil {
		return false, fmt.Errorf("cannot compare the plans: %w", err)
	}
	return string(textA) == string(textB), nil
}
