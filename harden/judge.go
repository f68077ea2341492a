package harden

import (
	"context"
	"slices"

	"ucs-harden/evidence"
	"ucs-harden/privatepostfix"
	"ucs-harden/rehearsal"
	"ucs-harden/rights"
	"ucs-harden/rules"
)

// judge returns the judge of messages under a plan: the rules, with the facts that a rehearsal uses. names are all
// logins, senders and recipients of the messages, which are looked up in the directory together; a name that is missing
// counts as one that nobody has.
func (s *Server) judge(ctx context.Context, p *Planned, names []string) (evidence.Judge, error) {
	_, planned, err := s.judges(ctx, p, names)
	return planned, err
}

// judges returns the judge of today's configuration, which takes no change, and that of the plan. Both remember what they
// found, and are not for several goroutines at a time.
func (s *Server) judges(ctx context.Context, p *Planned, names []string) (today, planned evidence.Judge, err error) {
	c, err := s.court(p)
	if err != nil {
		return nil, nil, err
	}
	if err := s.introduce(ctx, c, p, names); err != nil {
		return nil, nil, err
	}
	today = func(m evidence.Message, _ *evidence.Change) rules.Ruling { return c.RuledToday(dialogueOf(m)) }
	planned = func(m evidence.Message, change *evidence.Change) rules.Ruling {
		return c.Ruling(dialogueOf(m), addition(change))
	}
	return today, planned, nil
}

// court knows the facts of a plan, and nobody of the directory yet.
func (s *Server) court(p *Planned) (*rehearsal.Court, error) {
	f, err := s.matrixFacts(p)
	if err != nil {
		return nil, err
	}
	p.offerAuth(&f)
	return f.Court(f.People), nil
}

// introduce looks names up in the directory and tells a court who has them.
func (s *Server) introduce(ctx context.Context, c *rehearsal.Court, p *Planned, names []string) error {
	if len(names) == 0 || p.facts.request.blind {
		return nil
	}
	all := slices.Clone(names)
	for _, name := range names {
		if bare := c.Bare(name); bare != name {
			all = append(all, bare)
		}
	}
	people, err := s.lookup(ctx, p.facts.registry, all...)
	if err != nil {
		return err
	}
	c.Introduce(people...)
	return nil
}

func dialogueOf(m evidence.Message) privatepostfix.Dialogue {
	return privatepostfix.Dialogue{
		Client: m.Client, ClientName: m.ClientName, Helo: m.ClientName, Port: m.Port, Login: m.Login,
		Sender: m.Sender, Recipient: m.Recipient,
	}
}

// addition is a change as a court judges it.
func addition(c *evidence.Change) rehearsal.Addition {
	if c == nil {
		return rehearsal.Addition{}
	}
	var r rights.Rights
	for _, granted := range []map[string][]string{c.Addresses, c.Domains} {
		for as, logins := range granted {
			r.Grant(logins, as)
		}
	}
	return rehearsal.Addition{Rights: r, Exceptions: c.Exceptions, Relaying: c.Relaying}
}
