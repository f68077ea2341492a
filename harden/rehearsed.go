package harden

import (
	"context"
	"errors"

	"ucs-harden/controls"
	"ucs-harden/directory"
	"ucs-harden/outcome"
	"ucs-harden/plan"
	"ucs-harden/rehearsal"
)

// Rehearsal is the result of rehearsing a plan before it is applied.
type Rehearsal struct {
	// Matrix is nil when the rehearsal was skipped or not possible.
	Matrix *rehearsal.Matrix
	// Impossible is why the rehearsal failed. It is set only if the plan switches all controls off, or for a sync while the
	// directory does not answer, or while no mail domain is hosted: such a plan is applied without a rehearsal.
	Impossible error
	// AllOff: the plan switches all controls off.
	AllOff bool
}

// Summary is the result in one line, for the history.
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
	r := &Rehearsal{AllOff: allOff(p.Plan)}
	if !o.SkipRehearsal {
		var m *rehearsal.Matrix
		err := p.unreachable()
		if err == nil {
			m, err = s.Rehearse(ctx, p)
		}
		switch {
		case err == nil:
			r.Matrix = m
		case ctx.Err() == nil && (allOff(p.Plan) || p.facts.request.sync && (p.facts.Silent || p.noDomains())):
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

// unreachable is an error for a sync while the directory cannot be reached: Postfix, which asks it who has which address,
// answers 451 to every message then, and waits for it each time.
func (p *Planned) unreachable() error {
	if errors.Is(p.facts.silence, directory.ErrUnreachable) {
		return errors.New("the directory does not answer, so Postfix accepts nothing to compare with")
	}
	return nil
}

// noDomains reports whether no mail domain is hosted, so that there is no mail to rehearse.
func (p *Planned) noDomains() bool { return len(controls.HostedDomains(p.facts.Registry)) == 0 }

func allOff(p *plan.Plan) bool {
	for _, c := range p.Controls {
		if c.Active() {
			return false
		}
	}
	return true
}
