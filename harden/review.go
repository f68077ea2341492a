package harden

import (
	"slices"
	"time"

	"ucs-harden/evidence"
	"ucs-harden/outcome"
	"ucs-harden/plan"
)

// ApplyOptions are the options of Apply. Any of the functions may be nil; an error of a function ends the apply.
type ApplyOptions struct {
	Request
	// Shown is the only plan that may be applied. nil allows any plan.
	Shown *plan.Plan
	// Accepted are the IDs of findings that shall not block the apply, and of groups of the evidence ("evidence:GROUP").
	Accepted []string
	// NoEvidence does not ask whether the mail log shows that enforcing is safe.
	NoEvidence bool
	// SkipRehearsal applies the plan without a rehearsal.
	SkipRehearsal bool
	// ConfirmWithin is how long the apply waits to be confirmed. 0 means that it needs no confirmation.
	ConfirmWithin time.Duration

	// Planned is called with the plan before the rehearsal.
	Planned func(*Planned) error
	// Rehearsed is called with the result of the rehearsal.
	Rehearsed func(*Rehearsal) error
	// Decide is called last, before the first change. It gets ConfirmWithin and returns the value to use.
	Decide func(p *Planned, within time.Duration) (time.Duration, error)

	// before are the findings that were accepted earlier.
	before []evidence.Acceptance
	// patient: what was taken back is not tried again at once.
	patient bool
	// look: it is a plan, and nothing is applied.
	look bool
}

// review passes the plan to Planned and checks whether it may be applied. It returns false if there is nothing to
// apply.
func (o ApplyOptions) review(p *Planned) (goOn bool, err error) {
	if o.Shown != nil {
		if err := sameAs(o.Shown, p.Plan); err != nil {
			return false, err
		}
	}
	if o.Planned != nil {
		if err := o.Planned(p); err != nil {
			return false, err
		}
	}
	if err := p.UnknownAccepted(findingsIn(o.Accepted)); err != nil {
		return false, outcome.Unchanged(&AcceptError{err})
	}
	rest := p.unspared()
	if !p.Changes() {
		return false, blocked(rest, p.AcceptableIDs())
	}
	return true, blocked(rest, slices.Concat(findingsIn(o.Accepted), idsOf(p.holding(o.before))))
}

func (o ApplyOptions) decide(p *Planned) (time.Duration, error) {
	if o.Decide == nil {
		return o.ConfirmWithin, nil
	}
	return o.Decide(p, o.ConfirmWithin)
}
