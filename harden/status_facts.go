package harden

import (
	"context"

	"ucs-harden/controls"
	"ucs-harden/plan"
	"ucs-harden/postfix"
)

// withoutDirectory reads what is known without the directory. The plan has no changes, because nobody knows them.
func (s *Server) withoutDirectory(ctx context.Context) (*Planned, error) {
	f, err := s.facts(ctx, Request{blind: true, sync: true}, nil)
	if err != nil {
		return nil, err
	}
	states, mode, _ := controls.ModesAnyhow(f.Registry)
	for i := range states {
		c, _ := controls.ByName(states[i].Name)
		accounts, _ := controls.EffectiveOf(c, f.now.text(), func(path string) []byte { return f.Disk[path] })
		states[i].Listed = len(accounts)
	}
	f.asked = controls.Questions{} // nothing was asked
	return &Planned{facts: f, next: f.now, Plan: &plan.Plan{Mode: mode, Controls: states}}, nil
}

// postfixState reports whether Postfix is running.
func (s *Server) postfixState(ctx context.Context) string {
	if !s.Live() {
		return postfixUnknown
	}
	running, err := postfix.Postfix{Runner: s.Runner}.Running(ctx)
	switch {
	case err != nil:
		return postfixUnknown
	case running:
		return postfixRunning
	}
	return postfixStopped
}
