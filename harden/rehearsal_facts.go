package harden

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"ucs-harden/controls"
	"ucs-harden/hosteddomains"
	"ucs-harden/hostnet"
	"ucs-harden/plan"
	"ucs-harden/rehearsal"
)

// ForeignVariable is the registry variable with the domain that stands for all foreign domains in a rehearsal.
const ForeignVariable = "mail/harden/rehearsal/foreign-domain"

// matrixFacts collects the facts for the test messages. rehearsalFacts adds those that need a running server.
func (s *Server) matrixFacts(p *Planned) (rehearsal.Facts, error) {
	var f rehearsal.Facts
	var err error
	reg := p.facts.registry
	host, _ := reg.Get("hostname")
	domain, _ := reg.Get("domainname")
	f.Hostname = host + "." + domain
	f.Foreign, _ = reg.Get(ForeignVariable)
	value, _ := reg.Get(controls.DomainsVariable)
	if f.Domains, _ = hosteddomains.Usable(value); len(f.Domains) == 0 {
		_, err = hosteddomains.Parse(value)
		return f, fmt.Errorf("cannot use the registry variable %s: %w", controls.DomainsVariable, err)
	}
	f.Controllers, f.Inside, f.Delimiter = p.facts.Controllers, p.facts.Inside, p.facts.Delimiter
	people := p.facts.People
	if !p.facts.request.blind {
		f.People = people.Book().All()
	}
	people.Members = p.facts.Restricted() // without expired groups, as in the LDAP map
	next := p.expected()
	f.Today, f.Plan = p.facts.now.side(reg), next.side(p.registryAfter())
	f.Today.Listings = controls.ReadListings(p.facts.now.text(), p.onDisk, people, f.Domains)
	f.Plan.Listings = controls.ReadListings(next.text(), p.planned, people, f.Domains)
	if f.Today.Modes, err = s.modesInEffect(); err != nil {
		return f, err
	}
	f.Plan.Modes = plan.Modes(p.Controls)
	protocols := next.maincf.Value("inet_protocols")
	f.IPv6 = strings.Contains(protocols, "ipv6") || strings.Contains(protocols, "all")
	return f, nil
}

// rehearsalFacts are the facts for a rehearsal.
func (s *Server) rehearsalFacts(ctx context.Context, p *Planned) (rehearsal.Facts, error) {
	f, err := s.matrixFacts(p)
	if err != nil {
		return f, err
	}
	f.Entries = s.ownEntries(ctx, p)
	if !p.facts.request.blind && !p.facts.Silent {
		if f.Users, err = s.users(ctx, p.facts.registry); err != nil {
			return f, err
		}
		named, err := s.namedIn(ctx, p, f.Entries)
		if err != nil {
			return f, err
		}
		f.People = append(f.People, named...)
	}
	// With a relay host, the server can send today although its DNS does not know foreign domains. Then the foreign
	// domain must be rehearsed: the plan could refuse what the server sends today.
	f.NoForeign = p.next.maincf.Value("relayhost") == "" && !hostnet.Knows(ctx, cmp.Or(f.Foreign, rehearsal.DefaultForeign))
	return f, nil
}

// text returns both files, which name the tables in force.
func (c configuration) text() string { return string(c.main) + "\n" + string(c.master) }

// onDisk returns the current content of a generated file.
func (p *Planned) onDisk(path string) []byte { return p.facts.Disk[path] }

// planned returns the content that a generated file will have after the apply.
func (p *Planned) planned(path string) []byte {
	for _, f := range p.Files {
		if f.Path == path && f.Action == plan.Remove {
			return nil
		}
		if f.Path == path && f.After != nil {
			return []byte(*f.After)
		}
	}
	return p.onDisk(path)
}

// modesInEffect returns the modes of the last apply that is in effect. The registry may already hold other modes that
// have not been applied yet.
func (s *Server) modesInEffect() (map[string]plan.Mode, error) {
	modes := map[string]plan.Mode{}
	for _, name := range controls.Names() {
		modes[name] = plan.Off
	}
	all, err := s.store().List()
	if err != nil {
		return nil, err
	}
	for _, r := range slices.Backward(all) {
		if r.InEffect() && r.Damaged == nil {
			maps.Copy(modes, plan.Modes(r.Controls))
			break
		}
	}
	return modes, nil
}
