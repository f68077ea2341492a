package harden

import (
	"context"

	"ucs-harden/evidence"
)

// evidence is what the gate asks.
func (s *Server) evidence() Evidence {
	if s.Evidence != nil {
		return s.Evidence
	}
	return logEvidence{s}
}

// logEvidence asks the mail log of this machine.
type logEvidence struct{ s *Server }

func (e logEvidence) Watched(ctx context.Context, p *Planned) (*evidence.Report, error) {
	d, c, err := e.s.digest(ctx, ReadOptions{Ours: p.ours()})
	if err != nil {
		return nil, err
	}
	r := &evidence.Report{Schema: evidence.ReportSchema, Source: evidence.FromWarn, Coverage: c}
	for id, cell := range d.Cells {
		r.Groups = append(r.Groups, evidence.Group{ID: id, Cell: *cell, Count: cell.Letters(), Verdict: evidence.Unclear})
	}
	return r, nil
}

func (e logEvidence) Replayed(ctx context.Context, p *Planned) (*evidence.Report, error) {
	return e.s.replayUnder(ctx, p, ReplayOptions{Mode: p.Mode, Sample: ReplaySample})
}
