package harden

import (
	"context"
	"time"

	"ucs-harden/evidence"
	"ucs-harden/maillog"
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
	on, q, err := s.question(p, r)
	if err != nil || len(on) == 0 {
		return err
	}
	for i := range on {
		on[i].Since = time.Time{}
	}
	q.Log, q.Replayed = evidence.NewLog(), r
	r.Controls = evidence.Gate(q, on)
	return nil
}
