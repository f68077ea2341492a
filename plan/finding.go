package plan

import (
	"cmp"
	"fmt"
	"strings"
)

// Severity says what a finding means for an apply.
type Severity string

const (
	// Error stops an apply, unless the finding is acceptable and the administrator accepts it by its ID.
	Error Severity = "error"
	// Warning is a risk, or something that is already wrong.
	Warning Severity = "warning"
	// Note explains an effect of the plan that may surprise.
	Note Severity = "note"
)

// Finding is one thing that is wrong or risky, and what to do about it.
type Finding struct {
	// ID is stable and names the finding on the command line, such as
	// "mynetworks-host-bits:127.0.0.1/8".
	ID       string   `json:"id"`
	Severity Severity `json:"severity"`
	Control  string   `json:"control,omitempty"`
	Text     string   `json:"text"`
	Hint     string   `json:"hint"`
	// Acceptable findings of severity Error can be accepted by name.
	Acceptable bool `json:"acceptable"`
}

// Kind is the first word of the ID.
func (f Finding) Kind() string {
	kind, _, _ := strings.Cut(f.ID, ":")
	return kind
}

// About is what the finding is about: the ID without its kind.
func (f Finding) About() string {
	_, about, _ := strings.Cut(f.ID, ":")
	return about
}

// Blocking returns the findings that stop an apply, without those in accepted.
func (p *Plan) Blocking(accepted []string) []Finding {
	ok := map[string]bool{}
	for _, id := range accepted {
		ok[id] = true
	}
	var out []Finding
	for _, f := range p.Findings {
		if f.Severity == Error && (!f.Acceptable || !ok[f.ID]) {
			out = append(out, f)
		}
	}
	return out
}

// AcceptableIDs are the IDs of the findings that can be accepted.
func (p *Plan) AcceptableIDs() []string {
	var ids []string
	for _, f := range p.Findings {
		if f.Acceptable {
			ids = append(ids, f.ID)
		}
	}
	return ids
}

// UnknownAccepted returns an error for the first accepted name that belongs to no finding of the plan, or to a finding
// that cannot be accepted.
func (p *Plan) UnknownAccepted(accepted []string) error {
	for _, id := range accepted {
		known := false
		for _, f := range p.Findings {
			if f.ID == id {
				if f.Severity == Error && !f.Acceptable {
					return fmt.Errorf("the finding %s cannot be accepted: %s", id, f.Text)
				}
				known = true
			}
		}
		if !known {
			return &UnknownFindingError{id, p.findingIDs()}
		}
	}
	return nil
}

// UnknownFindingError says that a plan has no finding with an ID. IDs are those that it has.
type UnknownFindingError struct {
	ID  string
	IDs []string
}

func (e *UnknownFindingError) Error() string {
	return fmt.Sprintf("the plan has no finding %q; it has: %s", e.ID, cmp.Or(strings.Join(e.IDs, ", "), "none"))
}

func (p *Plan) findingIDs() []string {
	ids := make([]string, len(p.Findings))
	for i, f := range p.Findings {
		ids[i] = f.ID
	}
	return ids
}
