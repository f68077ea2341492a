package harden

import (
	"context"

	"ucs-harden/outcome"
	"ucs-harden/plan"
	"ucs-harden/rehearsal"
)

// Rehearsal is what came of rehearsing a plan before it is applied.
type Rehearsal struct {
	// Matrix is nil when the rehearsal was skipped or not possible.
	Matrix *rehearsal.Matrix
	// Impossible is why there was none although all controls go off: that is a way back, which does not wait for it.
	Impossible error
}

// Summary is the rehearsal in one line, for the history.
func (r *Rehearsal) Summary() string {
	switch {
	case r.Matrix != nil:
		return r.Matrix.Count().String()
	case r.Impossible != nil:
		return "not possible"
	}
	return "skipped"
}

// rehearsed rehearses a plan before it is applied. A wrong answer stops the apply.
func (s *Server) rehearsed(ctx context.Context, p *Planned, o ApplyOptions) (*Rehearsal, error) {
	r := &Rehearsal{}
	if !o.SkipRehearsal {
		m, err := s.Rehearse(ctx, p)
		switch {
		case err == nil:
			r.Matrix = m
		case ctx.Err() == nil && allOff(p.Plan):
			r.Impossible = err
		default:
			return nil, outcome.Unchanged(&RehearsalError{err})
		}
	}
	if o.Rehearsed != nil {
		if err := o.Rehearsed(r); err != nil {
			return nil, err
		}
	}
	if r.Matrix != nil && r.Matrix.Count().Wrong > 0 {
		return nil, outcome.Unchanged(&WrongAnswersError{r.Matrix})
	}
	return r, nil
}

func allOff(p *plan.Plan) bool {
	for _, c := range p.Controls {
		if c.Active() {
			return false
		}
	}
	return true
}
