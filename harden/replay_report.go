package harden

import (
	"context"
	"slices"
	"time"

	"ucs-harden/evidence"
	"ucs-harden/maillog"
	"ucs-harden/plan"
)

// replayed is the report of a replay.
func (s *Server) replayed(ctx context.Context, p *Planned, r *replay, c maillog.Coverage) (*evidence.Report, error) {
	f := evidence.Facts{Source: evidence.FromReplay, Coverage: c, Ours: r.ours}
	report, err := s.verdicts(ctx, p, r.digest, f, ReportOptions{})
	if err != nil {
		return nil, err
	}
	report.Replayed, report.CannotTell = &r.counts, r.why
	return report, nil
}

// readyByReplay says of the controls whether they may come to enforce, by this replay alone.
func (s *Server) readyByReplay(p *Planned, r *evidence.Report) error {
	if !s.Live() && s.Evidence == nil {
		return nil
	}
	all, err := s.targets(p)
	if err != nil {
		return err
	}
	accepted, err := s.index().Acceptances()
	if err != nil {
		return err
	}
	r.Settle(accepted)
	on := slices.DeleteFunc(all, func(t evidence.Target) bool {
		return t.Wanted == plan.Off && t.Running == plan.Off || !t.Gated
	})
	for i := range on {
		on[i].Since = time.Time{}
	}
	r.Controls = evidence.Gate(evidence.Question{
		Now: s.Clock(), MinDays: float64(number(p.facts.registry.Get, minDaysVariable, defaultMinDays)),
		Log: evidence.NewLog(), Replayed: r,
	}, on)
	return nil
}
