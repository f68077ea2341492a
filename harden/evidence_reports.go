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

func (e logEvidence) Watched(ctx context.Context, p *Planned, look bool) (*evidence.Report, error) {
	return e.s.watched(ctx, p, ReportOptions{look: look})
}

func (e logEvidence) Replayed(ctx context.Context, p *Planned, look bool) (*evidence.Report, error) {
	o := ReplayOptions{Mode: p.Mode, Sample: ReplaySample}
	if look {
		o.Sample = 0
	}
	return e.s.replayUnder(ctx, p, o)
}
