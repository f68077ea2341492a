package harden

import (
	"time"

	"ucs-harden/outcome"
	"ucs-harden/plan"
)

// ApplyOptions are the options of Apply. Any of the functions may be nil; an error of a function ends the apply.
type ApplyOptions struct {
	Request
	// Shown is the only plan that may be applied. nil allows any plan.
	Shown *plan.Plan
	// Accepted are the IDs of findings that shall not block the apply.
	Accepted []string
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
	if err := p.UnknownAccepted(o.Accepted); err != nil {
		return false, outcome.Unchanged(&AcceptError{err})
	}
	if !p.Changes() {
		return false, blocked(p.Plan, p.AcceptableIDs())
	}
	return true, blocked(p.Plan, o.Accepted)
}

func (o ApplyOptions) decide(p *Planned) (time.Duration, error) {
	if o.Decide == nil {
		return o.ConfirmWithin, nil
	}
	return o.Decide(p, o.ConfirmWithin)
}
