package harden

import (
	"context"
	"slices"

	"ucs-harden/evidence"
)

// mostAccepted bounds what is kept; the oldest go.
const mostAccepted = 1000

// accepted are the IDs of the findings that somebody has accepted before. They hold for a sync.
func (s *Server) accepted() ([]string, error) {
	all, err := s.index().Acceptances()
	if err != nil {
		return nil, err
	}
	var ids []string
	for _, a := range all {
		ids = append(ids, a.ID)
	}
	return findingsIn(ids), nil
}

// keepAccepted keeps what was accepted with a change that was made. A failure matters to later commands only: they ask
// again.
func (s *Server) keepAccepted(ctx context.Context, findings []string, groups []evidence.Acceptance) {
	if len(findings)+len(groups) == 0 {
		return
	}
	for _, id := range findings {
		groups = append(groups, evidence.Acceptance{ID: id, By: s.By, At: s.Clock()})
	}
	if err := s.changeAccepted(ctx, func(all []evidence.Acceptance) []evidence.Acceptance {
		for _, a := range groups {
			all = slices.DeleteFunc(all, func(b evidence.Acceptance) bool { return b.ID == a.ID })
			all = append(all, a)
		}
		return all[max(0, len(all)-mostAccepted):]
	}); err != nil {
		s.Observer.Warning("what was accepted could not be kept, so it will be asked again: "+err.Error(), "")
	}
}

func (s *Server) changeAccepted(ctx context.Context, change func([]evidence.Acceptance) []evidence.Acceptance) error {
	release, err := s.index().Lock(ctx, indexPatience)
	if err != nil {
		return err
	}
	defer release()
	all, err := s.index().Acceptances()
	if err != nil {
		return err
	}
	return s.index().SaveAcceptances(change(all))
}
