package harden

import (
	"context"
	"slices"

	"ucs-harden/evidence"
	"ucs-harden/plan"
)

// readiness says of the controls that are on whether they may come to enforce. The plan that it returns is that of the next
// sync: what lacks evidence stays in warn.
func (s *Server) readiness(ctx context.Context, p *Planned) (*Planned, []evidence.Readiness, error) {
	if !s.Live() && s.Evidence == nil {
		return p, nil, nil
	}
	all, err := s.targets(p)
	if err != nil {
		return p, nil, err
	}
	on := slices.DeleteFunc(all, func(t evidence.Target) bool { return t.Wanted == plan.Off && t.Running == plan.Off || !t.Gated })
	if len(on) == 0 {
		return p, nil, nil
	}
	a, err := s.askGate(ctx, p, on, asking{look: true})
	if err != nil {
		return p, nil, err
	}
	held := map[string]bool{}
	for i, r := range a.of {
		if on[i].Changes && !r.Ready {
			held[on[i].String()] = true
		}
	}
	if len(held) == 0 {
		return p, a.of, nil
	}
	q := p.facts.request
	q.held = held
	p, err = s.planned(ctx, q)
	return p, a.of, err
}
