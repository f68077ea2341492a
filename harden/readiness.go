package harden

import (
	"context"
	"slices"

	"ucs-harden/evidence"
	"ucs-harden/plan"
)

// readiness says of the controls that are on whether they may come to enforce. The plan that it returns is that of the next
// sync: what lacks evidence stays in warn. The tally is that of the log that was read for it, nil if none was.
func (s *Server) readiness(
	ctx context.Context, p *Planned,
) (_ *Planned, _ []evidence.Readiness, tally *evidence.Tally, _ error) {
	if !s.Live() && s.Evidence == nil {
		return p, nil, nil, nil
	}
	all, err := s.targets(p)
	if err != nil {
		return p, nil, nil, err
	}
	on := switchedOn(all)
	if len(on) == 0 {
		return p, nil, nil, nil
	}
	a, err := s.askGate(ctx, p, on, asking{look: true})
	if err != nil {
		return p, nil, nil, err
	}
	if a.watched != nil {
		tally = a.watched.Tally
	}
	var refused []evidence.Readiness
	for i, r := range a.of {
		if on[i].Changes && !r.Ready {
			refused = append(refused, r)
		}
	}
	if len(refused) == 0 {
		return p, a.of, tally, nil
	}
	q := p.facts.request
	q.held = heldBy(refused)
	p, err = s.PlanFor(ctx, q)
	return p, a.of, tally, err
}

// switchedOn are the targets that the gate applies to and that are on, or are to be.
func switchedOn(all []evidence.Target) []evidence.Target {
	return slices.DeleteFunc(all, func(t evidence.Target) bool {
		return t.Wanted == plan.Off && t.Running == plan.Off || !t.Gated
	})
}

// question is what the gate is asked by a report alone: about which targets, and how many days it must show. What was accepted
// counts in the report. On an archive there is no target.
func (s *Server) question(p *Planned, r *evidence.Report) ([]evidence.Target, evidence.Question, error) {
	q := evidence.Question{Now: s.Clock(), MinDays: p.minDays()}
	if !s.Live() && s.Evidence == nil {
		return nil, q, nil
	}
	all, err := s.targets(p)
	if err != nil {
		return nil, q, err
	}
	accepted, err := s.index().Acceptances()
	if err != nil {
		return nil, q, err
	}
	r.Settle(accepted)
	return switchedOn(all), q, nil
}

// minDays is for how many days the log must show what enforcing does.
func (p *Planned) minDays() float64 {
	return float64(number(p.facts.registry.Get, minDaysVariable, defaultMinDays))
}
