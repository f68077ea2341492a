package harden

import (
	"context"

	"ucs-harden/directory"
	"ucs-harden/evidence"
	"ucs-harden/exceptions"
	"ucs-harden/identity"
	"ucs-harden/owners"
	"ucs-harden/plan"
)

// evidenceFacts are the facts that need nobody to be asked.
func (s *Server) evidenceFacts(p *Planned, f *evidence.Facts) (err error) {
	host, _ := p.facts.registry.Get("hostname")
	domain, _ := p.facts.registry.Get("domainname")
	f.At, f.Host = s.Clock(), host+"."+domain
	f.Inside, f.Controllers = p.facts.Inside, p.facts.Controllers
	if len(f.Inside.Interfaces) == 0 {
		if f.Inside.Interfaces, err = s.interfaces(p.facts); err != nil {
			return err
		}
	}
	f.Off = map[string]bool{}
	for _, c := range p.Controls {
		f.Off[c.Name] = c.Strongest() == plan.Off && !p.facts.request.blind
	}
	day := s.Today()
	for _, e := range exceptions.List.Read(p.facts.Registry) {
		f.Exceptions = append(f.Exceptions, evidence.ExceptionUse{
			Name: e.Name, Client: e.Client, Sender: e.Sender, Reason: e.Reason, Owner: e.Owner, Expires: e.Expires,
			InForce: e.InForce(day) && exceptions.List.Fault(e) == "",
		})
	}
	records, err := s.records()
	if err != nil {
		return err
	}
	for _, r := range records {
		if r.Ended.After(f.Changed) {
			f.Changed = r.Ended
		}
	}
	return nil
}

// askDirectory asks whose the addresses of the groups are, and makes the judge. Nothing is asked when no group needs it.
func (s *Server) askDirectory(ctx context.Context, p *Planned, d *evidence.Digest, f *evidence.Facts) error {
	if p.facts.request.blind {
		return noDirectory(ctx, f, errBlind)
	}
	if len(d.Cells) == 0 {
		return nil
	}
	var err error
	if f.Computers, err = s.computers(ctx, p); err != nil {
		return noDirectory(ctx, f, err)
	}
	names := evidence.Names(d, *f)
	if len(names) == 0 {
		f.Book = owners.New()
		return nil
	}
	if f.Groups, err = s.members(ctx, p.facts.registry, directory.Wanted{All: true}); err != nil {
		return noDirectory(ctx, f, err)
	}
	people, err := s.lookup(ctx, p.facts.registry, names...)
	if err != nil {
		return noDirectory(ctx, f, err)
	}
	f.Book = owners.New(people...)
	if f.Judge, err = s.judge(ctx, p, names); err != nil {
		return noDirectory(ctx, f, err)
	}
	return nil
}

// computers are the hosts of the directory that have an address.
func (s *Server) computers(ctx context.Context, p *Planned) ([]identity.Host, error) {
	return consult(ctx, s, p.facts.registry, question[[]identity.Host]{
		"the computers of the domain", directory.ComputersFromLDIF, directory.Computers,
	})
}
