package harden

import (
	"fmt"
	"slices"
	"strings"

	"ucs-harden/evidence"
	"ucs-harden/outcome"
)

// reports are those that were asked.
func (a *gateAnswer) reports() []*evidence.Report {
	return slices.DeleteFunc([]*evidence.Report{a.watched, a.replayed}, func(r *evidence.Report) bool { return r == nil })
}

// acceptedIn finds the groups that somebody accepts. What is accepted is what any of the reports knows of the group: a
// replay may have more letters of it than warn has logged so far. A name that no group has is an error.
func (s *Server) acceptedIn(a *gateAnswer, names []string) (accepted []evidence.Acceptance, err error) {
	for _, name := range names {
		var found []evidence.Acceptance
		var ids []string
		for _, r := range a.reports() {
			one, _ := r.Accept([]string{name}, s.By, s.Clock())
			found = append(found, one...)
			for _, g := range r.Groups {
				if id := evidence.AcceptPrefix + g.ID; g.Verdict.Positive() && !slices.Contains(ids, id) {
					ids = append(ids, id)
				}
			}
		}
		if len(found) == 0 {
			return nil, outcome.Unchanged(&AcceptError{&UnknownGroupError{name, ids}})
		}
		all := found[0]
		for _, one := range found[1:] {
			all = all.With(one)
		}
		accepted = append(accepted, all)
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
