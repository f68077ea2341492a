package harden

import (
	"context"

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
