package harden

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"ucs-harden/evidence"
	"ucs-harden/maillog"
)

// Evidence says what the mail log says about enforcing.
type Evidence interface {
	// Watched is the report of what the controls have warned of and refused. look: a command asks that only looks, so that
	// nothing is written.
	Watched(ctx context.Context, p *Planned, look bool) (*evidence.Report, error)
	// Replayed is the report of what the plan would have done with past mail. look: no Postfix is asked about a sample.
	Replayed(ctx context.Context, p *Planned, look bool) (*evidence.Report, error)
}

// gate asks whether the controls of a plan that change into enforce may do so. names are groups that somebody accepts.
// The evidence of a log that cannot be read is none.
func (s *Server) gate(ctx context.Context, p *Planned, o ApplyOptions) (*gateAnswer, error) {
	all, err := s.targets(p)
	if err != nil {
		return nil, err
	}
	changing := slices.DeleteFunc(all, func(t evidence.Target) bool { return !t.Changes })
	names := groupsIn(o.Accepted)
	if o.NoEvidence {
		a := &gateAnswer{of: evidence.Gate(evidence.Question{}, changing), skipped: true}
		if len(changing) > 0 {
			s.Observer.Warning(fmt.Sprintf("the evidence was not asked (--no-evidence): nobody knows what mail %s will refuse",
				namesOf(changing)), "")
		}
		return a, nil
	}
	if len(changing) == 0 && len(names) == 0 {
		return &gateAnswer{}, nil
	}
	return s.askGate(ctx, p, changing, names, o.look)
}

func namesOf(targets []evidence.Target) string {
	var names []string
	for _, t := range targets {
		names = append(names, t.String())
	}
	return strings.Join(names, ", ")
}

// askGate reads the evidence. A replay is made only where warn does not stand long enough.
func (s *Server) askGate(
	ctx context.Context, p *Planned, targets []evidence.Target, names []string, look bool,
) (*gateAnswer, error) {
	accepted, err := s.index().Acceptances()
	if err != nil {
		return nil, err
	}
	a := &gateAnswer{}
	q := evidence.Question{Now: s.Clock(), MinDays: float64(number(p.facts.registry.Get, minDaysVariable, defaultMinDays))}
	var noLog []evidence.Phrase
	if a.watched, err = s.evidence().Watched(ctx, p, look); err != nil {
		if ctx.Err() != nil {
			return nil, err
		}
		noLog = append(noLog, whyNone(err))
		a.watched = nil
	}
	if a.watched != nil {
		q.Log = s.logOf(a.watched)
		a.watched.Settle(accepted)
	} else {
		q.Log = evidence.NewLog()
	}
	replay := func(t evidence.Target) bool {
		return t.Gated && t.Changes && q.Log.Covered(t.Since, q.Now) < time.Duration(q.MinDays*float64(24*time.Hour)) ||
			t.Gated && t.Changes && t.Since.IsZero()
	}
	if len(noLog) == 0 && slices.ContainsFunc(targets, replay) {
		if a.replayed, err = s.evidence().Replayed(ctx, p, look); err != nil {
			if ctx.Err() != nil {
				return nil, err
			}
			a.replayed, q.NoReplay = nil, whyNone(err)
		}
	}
	if a.accepted, err = s.acceptedIn(a, names); err != nil {
		return nil, err
	}
	accepted = append(accepted, a.accepted...)
	for _, r := range a.reports() {
		r.Settle(accepted)
	}
	q.Watched, q.Replayed = a.watched, a.replayed
	a.of = evidence.Gate(q, targets)
	for i := range a.of {
		if a.of[i].Gated && len(noLog) > 0 {
			a.of[i].Missing, a.of[i].Ready = noLog, false
		}
	}
	return a, nil
}

// whyNone is why there is no report, in words.
func whyNone(err error) evidence.Phrase {
	if errors.Is(err, maillog.ErrNoLog) {
		return evidence.Phrasef("there is no mail log in %s", LogDir)
	}
	return evidence.Verbatim(err.Error())
}
