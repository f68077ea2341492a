package harden

import (
	"fmt"
	"slices"
	"strings"

	"ucs-harden/evidence"
	"ucs-harden/outcome"
)

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
