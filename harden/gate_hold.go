package harden

import (
	"context"
	"slices"

	"ucs-harden/evidence"
)

// heldBy are the controls and domains that a plan holds in warn, for a new plan.
func heldBy(refused []evidence.Readiness) map[string]bool {
	held := map[string]bool{}
	for _, r := range refused {
		held[r.Name()] = true
	}
	return held
}

// hold asks the gate about the plan of a sync, and makes a plan in which what the gate refuses is in warn.
func (s *Server) hold(ctx context.Context, p *Planned, o ApplyOptions) (*Planned, *gateAnswer, error) {
	a, err := s.gate(ctx, p, o)
	if err != nil && ctx.Err() == nil && p.facts.Silent {
		a, err = s.noAnswer(p, err)
	}
	if err != nil || len(a.refused()) == 0 {
		return p, a, err
	}
	q := o.Request
	q.held = heldBy(a.refused())
	p, err = s.PlanFor(ctx, q)
	return p, a, err
}

// noAnswer is the answer of the gate if it needs the directory, which does not answer: nothing comes to enforce.
func (s *Server) noAnswer(p *Planned, why error) (*gateAnswer, error) {
	all, err := s.targets(p)
	if err != nil {
		return nil, err
	}
	changing := slices.DeleteFunc(all, func(t evidence.Target) bool { return !t.Changes })
	return noLog(evidence.Question{Now: s.Clock(), MinDays: p.minDays(), Log: evidence.NewLog()}, changing, asking{}, why)
}

// AskEvidence adds to a plan what the gate would say of an apply, as findings. On an archive it adds nothing.
func (s *Server) AskEvidence(ctx context.Context, p *Planned) error {
	if !s.Live() && s.Evidence == nil {
		return nil
	}
	a, err := s.gate(ctx, p, ApplyOptions{look: true})
	if err != nil {
		return err
	}
	for _, r := range a.refused() {
		p.find(noEvidence(r))
	}
	return nil
}
