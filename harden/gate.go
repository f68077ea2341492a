package harden

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"ucs-harden/evidence"
	"ucs-harden/maillog"
	"ucs-harden/outcome"
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
	return s.askGate(ctx, p, changing, asking{names: names, look: o.look, sync: o.sync})
}

func namesOf(targets []evidence.Target) string {
	var names []string
	for _, t := range targets {
		names = append(names, t.String())
	}
	return strings.Join(names, ", ")
}

// asking is who asks the gate.
type asking struct {
	// names are groups that somebody accepts.
	names []string
	// look: a command asks that only looks. sync: it is a sync. For both, what a replay has said lately counts.
	look, sync bool
}

// askGate reads the evidence. A replay is made only where warn does not stand long enough.
func (s *Server) askGate(ctx context.Context, p *Planned, targets []evidence.Target, by asking) (*gateAnswer, error) {
	accepted, err := s.index().Acceptances()
	if err != nil {
		return nil, err
	}
	a := &gateAnswer{}
	q := evidence.Question{
		Now: s.Clock(), MinDays: p.minDays(), Log: evidence.NewLog(),
	}
	if a.watched, err = s.evidence().Watched(ctx, p, by.look); err != nil {
		if ctx.Err() != nil {
			return nil, err
		}
		return noLog(q, targets, by, err)
	}
	q.Log = s.logOf(p, a.watched)
	known := false
	if slices.ContainsFunc(targets, func(t evidence.Target) bool { return wantsReplay(q, t) }) {
		if known, err = s.replayInto(ctx, p, a, &q, by.look || by.sync, by.look); err != nil {
			return nil, err
		}
	}
	if a.accepted, err = s.acceptedIn(a, by.names); err != nil {
		return nil, err
	}
	accepted = append(accepted, a.accepted...)
	a.answer(q, targets, accepted)
	passes := func(r evidence.Readiness) bool { return r.Ready && r.By == evidence.FromReplay }
	if known && by.sync && slices.ContainsFunc(a.of, passes) {
		if _, err = s.replayInto(ctx, p, a, &q, false, false); err != nil { // nothing is enforced by what may be out of date
			return nil, err
		}
		a.answer(q, targets, accepted)
	}
	return a, nil
}

// answer asks the gate, with the reports in the light of what was accepted.
func (a *gateAnswer) answer(q evidence.Question, targets []evidence.Target, accepted []evidence.Acceptance) {
	for _, r := range a.reports() {
		r.Settle(accepted)
	}
	q.Watched, q.Replayed = a.watched, a.replayed
	a.of = evidence.Gate(q, targets)
}

// noLog is the answer when there is no log, or when it cannot be read: nothing is ready.
func noLog(q evidence.Question, targets []evidence.Target, by asking, why error) (*gateAnswer, error) {
	if len(by.names) > 0 {
		return nil, outcome.Unchanged(&AcceptError{&UnknownGroupError{ID: by.names[0]}})
	}
	a := &gateAnswer{of: evidence.Gate(q, targets)}
	for i := range a.of {
		if a.of[i].Gated {
			a.of[i].Missing, a.of[i].Ready = []evidence.Phrase{whyNone(why)}, false
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
