package harden

import (
	"slices"
	"strings"

	"ucs-harden/evidence"
	"ucs-harden/findings"
	"ucs-harden/internal/plural"
	"ucs-harden/outcome"
	"ucs-harden/plan"
)

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
		name := r.Name()
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
	for _, report := range a.reports() {
		for _, g := range report.Groups {
			asked := slices.ContainsFunc(refused, func(r evidence.Readiness) bool { return slices.Contains(r.Open, g.ID) })
			if asked && g.Open && !seen[g.ID] { // another report may know the group and have nothing to ask about it
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

// noEvidence is the finding about a control that may not come to enforce yet.
func noEvidence(r evidence.Readiness) plan.Finding {
	e := &EvidenceError{Of: []evidence.Readiness{r}}
	return findings.NoEvidence.Of(r.Name()).Finding(plan.Warning, e.Error(),
		EvidenceHint(e))
}

// EvidenceHint says what to do about it.
func EvidenceHint(e *EvidenceError) string {
	var open, missing bool
	var names []string
	says, wait := "ucs-harden report", "stay in warn"
	for _, r := range e.Of {
		missing = missing || len(r.Missing) > 0
		if r.Running == plan.Off {
			wait = "begin with mode warn, and stay there"
		}
		for _, id := range r.Open {
			open = true
			if r.By == evidence.FromReplay {
				says = "ucs-harden replay"
			}
			accept := "--accept " + plan.Quote(evidence.AcceptPrefix+id)
			if e.Held {
				accept = "ucs-harden apply " + accept
			}
			names = append(names, accept)
		}
	}
	says += " says who sends it and what to do; "
	wait += " until the log shows enough days"
	switch {
	case open && !missing && len(names) == 1:
		return says + "to refuse it all the same: " + names[0]
	case open && !missing:
		return says + "to refuse it all the same, accept each group: " + names[0] + " …"
	case open:
		return says + wait
	}
	return wait + ": ucs-harden status counts them; --no-evidence enforces without knowing"
}
