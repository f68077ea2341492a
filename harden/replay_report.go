package harden

import (
	"context"

	"ucs-harden/evidence"
	"ucs-harden/maillog"
)

// replayed is the report of a replay.
func (s *Server) replayed(_ context.Context, p *Planned, r *replay, c maillog.Coverage) (*evidence.Report, error) {
	host, _ := p.facts.registry.Get("hostname")
	domain, _ := p.facts.registry.Get("domainname")
	report := &evidence.Report{
		Schema: evidence.ReportSchema, At: s.Clock(), Host: host + "." + domain, Source: evidence.FromReplay, Coverage: c,
		Replayed: &r.counts, CannotTell: r.why,
	}
	for id, cell := range r.digest.Cells {
		report.Groups = append(report.Groups, evidence.Group{ID: id, Cell: *cell, Count: cell.Letters(), Verdict: evidence.Unclear})
	}
	return report, nil
}
