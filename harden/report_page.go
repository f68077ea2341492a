package harden

import (
	"context"

	"ucs-harden/controls"
	"ucs-harden/plan"
	"ucs-harden/rehearsal"
	"ucs-harden/ucr"
)

// WhoMayWrite is who may write to whom, today and when everything is enforced. It follows from the rules; no Postfix is
// asked.
func (s *Server) WhoMayWrite(ctx context.Context) (*rehearsal.Grid, error) {
	p, err := s.Plan(ctx, plan.Enforce)
	if err != nil {
		return nil, err
	}
	m, err := s.Foresee(ctx, p)
	if err != nil {
		return nil, err
	}
	grid := m.Grid()
	return &grid, nil
}

// Language is the language of the texts that the registry chooses, such as "de".
func (s *Server) Language() string {
	registry, err := ucr.Load(s.Root)
	if err != nil {
		return controls.Languages[0]
	}
	return controls.LanguageOf(registry.Get)
}
