package harden

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"ucs-harden/evidence"
	"ucs-harden/findings"
	"ucs-harden/internal/plural"
	"ucs-harden/maillog"
	"ucs-harden/outcome"
	"ucs-harden/plan"
)

// Evidence says what the mail log says about enforcing.
type Evidence interface {
	// Watched is the report of what the controls have warned of and refused. look: a command asks that only looks, so that
	// nothing is written.
	Watched(ctx context.Context, p *Planned, look bool) (*evidence.Report, error)
	// Replayed is the report of what the plan would have done with past mail. look: no Postfix is asked about a sample.
	Replayed(ctx context.Context, p *Planned, look bool) (*evidence.Report, error)
}

// gateAnswer is what the gate says of a plan.
type gateAnswer struct {
	// of are the targets that change into enforce, each with what the log says about it.
	of []evidence.Readiness
	// watched and replayed are the reports that were asked; either may be nil.
	watched, replayed *evidence.Report
	// accepted are the groups that somebody has accepted with this command.
	accepted []evidence.Acceptance
	// skipped: the gate was not asked.
	skipped bool
}

// refused are the targets that may not come to enforce.
func (a *gateAnswer) refused() []evidence.Readiness {
	return slices.DeleteFunc(slices.Clone(a.of), func(r evidence.Readiness) bool { return r.Ready || a.skipped })
}

// summary is what the history keeps; nil if nothing changes into enforce.
func (a *gateAnswer) summary() *evidence.Summary {
	passed := slices.DeleteFunc(slices.Clone(a.of), func(r evidence.Readiness) bool { return !r.Ready && !a.skipped })
	switch {
	case len(passed) == 0:
		return nil
	case a.skipped:
		return &evidence.Summary{Controls: passed, Groups: []evidence.GroupSummary{}}
	}
	return evidence.Summarise(passed, a.watched, a.replayed)
}

// kept is the summary as the history keeps it.
func (a *gateAnswer) kept() json.RawMessage {
	s := a.summary()
	if s == nil {
		return nil
	}
	content, err := json.Marshal(s)
	if err != nil {
		return nil // it has nothing that cannot be written
	}
	return content
}

// held is the error about what stays in warn, nil if nothing does.
func (a *gateAnswer) held() error { return a.evidenceError(true) }

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
	for _, r := range []*evidence.Report{a.watched, a.replayed} {
		if r != nil {
			r.Settle(accepted)
		}
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

// acceptedIn finds the groups that somebody accepts. A name that no group has is an error.
func (s *Server) acceptedIn(a *gateAnswer, names []string) (accepted []evidence.Acceptance, err error) {
	for _, name := range names {
		var ids []string
		found := false
		for _, r := range []*evidence.Report{a.watched, a.replayed} {
			if r == nil || found {
				continue
			}
			one, unknown := r.Accept([]string{name}, s.By, s.Clock())
			if found = unknown == ""; found {
				accepted = append(accepted, one...)
			}
			for _, g := range r.Groups {
				if g.Verdict.Positive() {
					ids = append(ids, evidence.AcceptPrefix+g.ID)
				}
			}
		}
		if !found {
			return nil, outcome.Unchanged(&AcceptError{&UnknownGroupError{name, ids}})
		}
	}
	return accepted, nil
}

// groupsIn are the names among those of --accept that stand for groups of the evidence.
func groupsIn(accepted []string) []string {
	return slices.DeleteFunc(slices.Clone(accepted), func(id string) bool { return !strings.HasPrefix(id, evidence.AcceptPrefix) })
}

// findingsIn are the others.
func findingsIn(accepted []string) []string {
	return slices.DeleteFunc(slices.Clone(accepted), func(id string) bool { return strings.HasPrefix(id, evidence.AcceptPrefix) })
}

// UnknownGroupError says that the evidence has no group with an ID. IDs are those that it has.
type UnknownGroupError struct {
	ID  string
	IDs []string
}

func (e *UnknownGroupError) Error() string {
	return fmt.Sprintf("the mail log has no group %q; ucs-harden report shows its groups", e.ID)
}

// EvidenceError says that controls may not come to enforce.
type EvidenceError struct {
	// Of are these controls, each with what is missing. Groups are their open groups.
	Of     []evidence.Readiness
	Groups []evidence.Group
	// Held: they stay in warn, and the rest was done.
	Held bool
}

func (e *EvidenceError) Error() string {
	var parts []string
	for _, r := range e.Of {
		name := evidence.Target{Control: r.Control, Domain: r.Domain}.String()
		var why []string
		if n := len(r.Open); n > 0 {
			why = append(why, plural.Count(n, "group of mail looks", "groups of mail look")+" legitimate, such as "+r.Open[0])
		}
		for _, missing := range r.Missing {
			why = append(why, missing.String())
		}
		parts = append(parts, name+" ("+strings.Join(why, "; ")+")")
	}
	if e.Held {
		return "these stay in warn, although the registry has enforce: " + strings.Join(parts, ", ")
	}
	return "cannot enforce: the mail log does not show yet that it is safe: " + strings.Join(parts, ", ")
}

// evidenceError is the error about what the gate refuses, nil if it refuses nothing.
func (a *gateAnswer) evidenceError(held bool) error {
	refused := a.refused()
	if len(refused) == 0 {
		return nil
	}
	e := &EvidenceError{Of: refused, Held: held}
	seen := map[string]bool{}
	for _, report := range []*evidence.Report{a.watched, a.replayed} {
		if report == nil {
			continue
		}
		for _, g := range report.Groups {
			asked := slices.ContainsFunc(refused, func(r evidence.Readiness) bool { return slices.Contains(r.Open, g.ID) })
			if asked && !seen[g.ID] {
				seen[g.ID] = true
				e.Groups = append(e.Groups, g)
			}
		}
	}
	err := outcome.As(outcome.NoEvidence, e)
	if held {
		return err
	}
	return outcome.Unchanged(err)
}

// heldBy are the controls and domains that a plan holds in warn, for a new plan.
func heldBy(refused []evidence.Readiness) map[string]bool {
	held := map[string]bool{}
	for _, r := range refused {
		held[evidence.Target{Control: r.Control, Domain: r.Domain}.String()] = true
	}
	return held
}

// planned reads the facts and makes the plan.
func (s *Server) planned(ctx context.Context, q Request) (*Planned, error) {
	f, err := s.facts(ctx, q, nil) // facts
	if err != nil {
		return nil, err
	}
	d, err := desire(f) // desired state
	if err != nil {
		return nil, err
	}
	return s.plan(ctx, f, d) // plan
}

// hold asks the gate about the plan of a sync, and makes a plan in which what the gate refuses is in warn.
func (s *Server) hold(ctx context.Context, p *Planned, o ApplyOptions) (*Planned, *gateAnswer, error) {
	a, err := s.gate(ctx, p, o)
	if err != nil || len(a.refused()) == 0 {
		return p, a, err
	}
	q := o.Request
	q.held = heldBy(a.refused())
	p, err = s.planned(ctx, q)
	return p, a, err
}

// AskEvidence adds to a plan what the gate would say of an apply, as findings. On an archive it adds nothing.
func (s *Server) AskEvidence(ctx context.Context, p *Planned) error {
	if !s.Live() && s.Evidence == nil {
		return nil
	}
	a, err := s.gate(ctx, p, ApplyOptions{look: true})
	if err != nil {
		return err
	}
	for _, r := range a.refused() {
		p.find(noEvidence(r))
	}
	return nil
}

// noEvidence is the finding about a control that may not come to enforce yet.
func noEvidence(r evidence.Readiness) plan.Finding {
	e := &EvidenceError{Of: []evidence.Readiness{r}}
	return findings.NoEvidence.Of(evidence.Target{Control: r.Control, Domain: r.Domain}.String()).Finding(plan.Warning, e.Error(),
		EvidenceHint(e))
}

// EvidenceHint says what to do about it.
func EvidenceHint(e *EvidenceError) string {
	var open, missing bool
	var names []string
	for _, r := range e.Of {
		missing = missing || len(r.Missing) > 0
		for _, id := range r.Open {
			open = true
			accept := "--accept " + plan.Quote(evidence.AcceptPrefix+id)
			if e.Held {
				accept = "ucs-harden apply " + accept
			}
			names = append(names, accept)
		}
	}
	switch {
	case open && !missing && len(names) == 1:
		return "ucs-harden report says who sends it and what to do; to refuse it all the same: " + names[0]
	case open && !missing:
		return "ucs-harden report says who sends it and what to do; to refuse it all the same, accept each group: " + names[0] + " …"
	case open:
		return "ucs-harden report says who sends it and what to do; stay in warn until the log shows enough days"
	}
	return "stay in warn until the log shows enough days: ucs-harden status counts them; --no-evidence enforces without knowing"
}
