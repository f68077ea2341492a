package harden

import (
	"context"
	"errors"
	"io"
	"slices"

	"ucs-harden/directory"
	"ucs-harden/findings"
	"ucs-harden/internal/similar"
	"ucs-harden/lists"
	"ucs-harden/owners"
	"ucs-harden/plan"
	"ucs-harden/ucr"
)

// Unknown is what an entry of a list is about, if the directory does not have it.
type Unknown struct {
	// What is "account", "group" or "address".
	What string `json:"what"`
	Name string `json:"name"`
	// Similar are names that the directory has and that differ in a letter or two.
	Similar []string `json:"similar"`
}

// unknown asks the directory for what an entry is about. It returns nil if the directory has it, or does not answer.
func (s *Server) unknown(ctx context.Context, e lists.Entry) *Unknown {
	ctx, cancel := context.WithTimeout(ctx, stopPatience)
	defer cancel()
	u, err := s.notInDirectory(ctx, e)
	if err != nil {
		s.Observer.Debug("the directory was not asked", map[string]any{"error": err.Error()})
		return nil
	}
	return u
}

func (s *Server) notInDirectory(ctx context.Context, e lists.Entry) (*Unknown, error) {
	reg, err := ucr.Load(s.Root)
	if err != nil {
		return nil, err
	}
	u, of := &Unknown{What: "account", Name: e.Subject()}, directory.Accounts
	switch {
	case e.Group != "":
		u.What, of = "group", directory.Groups
		if _, err = s.group(ctx, reg, e.Group); !errors.Is(err, directory.ErrNoGroup) {
			return nil, err
		}
	default:
		if e.Account == "" {
			u.What = "address"
		}
		found, err := s.lookup(ctx, reg, u.Name)
		if err != nil || !owners.New(found...).Meant(u.Name).Nobody() {
			return nil, err
		}
	}
	names, err := consult(ctx, s, reg, question[[]string]{
		"names",
		func(ldif io.Reader) ([]string, error) { return directory.NamesInLDIF(ldif, of) },
		func(ctx context.Context, c directory.Config) ([]string, error) { return directory.Names(ctx, c, of) },
	})
	u.Similar = list(similar.To(u.Name, names))
	return u, err
}

// addUnknown tells whether the directory has what an entry is about that was added. A finding that says the same is left
// out.
func (s *Server) addUnknown(ctx context.Context, done *ListChange) {
	if done.Action == "" {
		return
	}
	if done.Unknown = s.unknown(ctx, done.Entry); done.Unknown == nil {
		return
	}
	done.Findings = slices.DeleteFunc(done.Findings, func(f plan.Finding) bool {
		return findings.Nobody.Is(f) || findings.NoGroup.Is(f)
	})
}
