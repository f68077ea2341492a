package harden

import (
	"context"
	"errors"

	"ucs-harden/controls"
	"ucs-harden/plan"
	"ucs-harden/stage"
	"ucs-harden/ways"
)

// prove asks Postfix, as it is configured now, whether an account can send.
func (s *Server) prove(ctx context.Context, st *Stopped) {
	defer s.progress("asking a private Postfix")()
	still, err := s.tryOut(ctx, st)
	if err != nil {
		st.Untested = err.Error()
	}
	st.Still = list(still)
}

func (s *Server) tryOut(ctx context.Context, st *Stopped) (still []string, err error) {
	f, err := s.facts(ctx, Request{stop: true, blind: true}, nil)
	if err != nil {
		return nil, err
	}
	today, _, err := s.configurations(ctx, &Planned{facts: f, Plan: &plan.Plan{}})
	if err != nil {
		return nil, err
	}
	raised, err := stage.RaiseToday(ctx, PrivatePrograms(s.Runner), today)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, raised.Close()) }()
	letters := ways.Account{Logins: st.Logins, Senders: st.Senders}.Of(f.Doors, "postmaster@"+f.now.maincf.Value("myhostname"))
	replies, err := raised.Today(ctx, letters)
	switch {
	case err != nil:
		return nil, err
	case st.Lifted:
		return ways.StillRefused(letters, replies, controls.SuspendedTag)
	}
	return ways.StillSends(letters, replies)
}
