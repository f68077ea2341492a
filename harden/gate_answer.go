package harden

import (
	"encoding/json"
	"slices"

	"ucs-harden/evidence"
)

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
