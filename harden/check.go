package harden

import (
	"context"
	"errors"
	"fmt"

	"ucs-harden/hostnet"
	"ucs-harden/identity"
	"ucs-harden/plan"
	"ucs-harden/privatepostfix"
	"ucs-harden/rehearsal"
	"ucs-harden/stage"
)

// Check asks today's configuration and the planned one how they answer one message. Check sends no mail and changes
// nothing.
//
// With lookUp, Check looks the name of the client up in DNS, as Postfix does. When the plan changes nothing, or the directory
// does not answer, Check asks only today's configuration.
func (s *Server) Check(
	ctx context.Context, mode plan.Mode, d privatepostfix.Dialogue, lookUp bool,
) (*rehearsal.Comparison, error) {
	if err := installed(Programs()...); err != nil {
		return nil, fmt.Errorf("cannot check: %w", err)
	}
	p, err := s.Plan(ctx, mode)
	var silent *DirectoryError
	if errors.As(err, &silent) {
		p, err = s.withoutDirectory(ctx)
	}
	if err != nil {
		return nil, err
	}
	if lookUp {
		d.ClientName = hostnet.NameOf(ctx, d.Client.String())
	}
	if d.ClientName != "" {
		d.Helo = d.ClientName
	}
	c, err := s.compare(ctx, p, d)
	if err == nil && silent != nil {
		c.Notes = append(c.Notes, "only today's configuration was asked, and whose addresses these are is not known: "+silent.Error())
	}
	return c, err
}

// Answers returns how today's configuration and the planned one answer each of several messages. The replies have the
// order of the messages. Answers sends no mail and changes nothing.
func (s *Server) Answers(
	ctx context.Context, mode plan.Mode, messages []privatepostfix.Dialogue,
) (today, planned []privatepostfix.Reply, err error) {
	if err := installed(Programs()...); err != nil {
		return nil, nil, fmt.Errorf("cannot ask: %w", err)
	}
	p, err := s.Plan(ctx, mode)
	if err != nil {
		return nil, nil, err
	}
	st, err := s.raise(ctx, p)
	if err != nil {
		return nil, nil, fmt.Errorf("cannot ask: %w", err)
	}
	defer func() { err = errors.Join(err, st.Close()) }()
	if today, err = st.Today(ctx, messages); err != nil {
		return nil, nil, err
	}
	planned, err = st.Planned(ctx, messages)
	return today, planned, err
}

// compare asks both configurations. When the plan changes nothing, it asks only today's.
func (s *Server) compare(
	ctx context.Context, p *Planned, d privatepostfix.Dialogue,
) (_ *rehearsal.Comparison, err error) {
	d = addressed(d, p.facts.now, p.next)
	facts, err := s.rehearsalFacts(ctx, p)
	if err != nil {
		return nil, err
	}
	var people []identity.Account
	if !p.facts.request.blind {
		if people, err = s.lookup(ctx, p.facts.registry, d.Login, d.Sender, d.Recipient); err != nil {
			return nil, err
		}
	}
	defer s.progress("asking a private Postfix")()
	st, err := s.raiseNeeded(ctx, p)
	if err != nil {
		return nil, fmt.Errorf("cannot check: %w", err)
	}
	defer func() { err = errors.Join(err, st.Close()) }()
	today := rehearsal.Asked{Play: st.Today, Service: p.facts.now.service(p.facts.registry, d)}
	var planned *rehearsal.Asked
	if st.HasPlan() {
		planned = &rehearsal.Asked{Play: st.Planned, Service: p.next.service(p.registryAfter(), d)}
	}
	c, err := rehearsal.Compare(ctx, facts, d, people, today, planned)
	if err != nil {
		return nil, err
	}
	if n := len(p.Blocking(nil)); n > 0 && c.Changes {
		c.Notes = append(c.Notes, "the plan cannot be applied as it is: ucs-harden plan says why")
	}
	return c, nil
}

// raiseNeeded starts what raise starts. When the plan changes nothing, it starts only today's configuration.
func (s *Server) raiseNeeded(ctx context.Context, p *Planned) (*stage.Stage, error) {
	if p.Changes() {
		return s.raise(ctx, p)
	}
	today, _, err := s.configurations(ctx, p)
	if err != nil {
		return nil, err
	}
	return stage.RaiseToday(ctx, PrivatePrograms(s.Runner), today)
}
