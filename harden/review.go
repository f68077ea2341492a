package harden

import (
	"time"

	"ucs-harden/outcome"
	"ucs-harden/plan"
)

// ApplyOptions say what to apply, and who is asked on the way. A nil function asks nobody.
type ApplyOptions struct {
	// Mode is the mode of all controls; "" is what the registry says.
	Mode plan.Mode
	// Shown is the only plan that may be applied; nil is whatever the plan is now.
	Shown *plan.Plan
	// Accepted are the findings to go on in spite of.
	Accepted []string
	// SkipRehearsal applies what nobody has tried.
	SkipRehearsal bool
	// ConfirmWithin is how long the apply waits to be confirmed; 0 is not at all.
	ConfirmWithin time.Duration

	// Planned is shown the plan before anything is made of it.
	Planned func(*Planned) error
	// Rehearsed is shown what came of the rehearsal.
	Rehearsed func(*Rehearsal) error
	// Decide has the last word; it may set how long the apply waits to be confirmed.
	Decide func(p *Planned, within time.Duration) (time.Duration, error)
}

// review shows the plan and looks whether it may be applied; false when there is nothing to apply.
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
