package main

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"net"
	"slices"
	"strings"
	"time"

	"ucs-harden/controls"
	"ucs-harden/hosteddomains"
	"ucs-harden/identity"
	"ucs-harden/maincf"
	"ucs-harden/mastercf"
	"ucs-harden/plan"
	"ucs-harden/rehearsal"
	"ucs-harden/transaction"
)

// foreignVariable names the domain that stands for all others in a rehearsal.
const foreignVariable = "mail/harden/rehearsal/foreign-domain"

// rehearsedUsers is how many mail users a rehearsal logs in or writes as.
const rehearsedUsers = 5

// rehearsalFacts are what the matrix is made from.
func (g *global) rehearsalFacts(ctx context.Context, p *planned) (rehearsal.Facts, error) {
	var f rehearsal.Facts
	var err error
	reg := p.registry
	host, _ := reg.Get("hostname")
	domain, _ := reg.Get("domainname")
	f.Hostname = host + "." + domain
	f.Foreign, _ = reg.Get(foreignVariable)
	value, _ := reg.Get(controls.DomainsVariable)
	if f.Domains, err = hosteddomains.Parse(value); err != nil {
		return f, fmt.Errorf("cannot use the registry variable %s: %w", controls.DomainsVariable, err)
	}
	f.Controllers = p.facts.Controllers
	if f.Users, err = g.users(ctx, reg); err != nil {
		return f, err
	}
	next := plan.Modes(p.Controls)
	today, err := g.modesInEffect()
	if err != nil {
		return f, err
	}
	people := p.facts.People
	people.Members = p.facts.Restricted() // the LDAP map knows no group that has expired
	now, then := p.files()
	if err := now.describe(&f.Today); err != nil {
		return f, err
	}
	if err := then.describe(&f.Plan); err != nil {
		return f, err
	}
	f.Today.Listings = controls.ReadListings(string(now.main), p.onDisk, people, f.Domains)
	f.Plan.Listings = controls.ReadListings(string(then.main), p.planned, people, f.Domains)
	if main, err := maincf.Parse(then.main); err == nil {
		protocols := main.Value("inet_protocols")
		f.IPv6 = strings.Contains(protocols, "ipv6") || strings.Contains(protocols, "all")
	}
	f.Today.Modes, f.Plan.Modes = today, next
	f.People = peopleOf(p.facts.People)
	f.NoForeign = !relayed(p) && !knows(ctx, cmp.Or(f.Foreign, rehearsal.DefaultForeign))
	return f, nil
}

// onDisk is a generated file as it is, planned as the plan will leave it.
func (p *planned) onDisk(path string) []byte { return p.facts.Disk[path] }

func (p *planned) planned(path string) []byte {
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

// peopleOf are the accounts that the lists of the controls speak of.
func peopleOf(p controls.People) []identity.Account {
	all := slices.Concat(p.Accounts, p.Suspended)
	for _, dn := range slices.Sorted(maps.Keys(p.Members)) {
		all = append(all, p.Members[dn]...)
	}
	return all
}

// lookupTime is how long DNS may take to know the foreign domain.
const lookupTime = 5 * time.Second

// knows reports whether this server's DNS has somebody who takes mail for a
// domain.
func knows(ctx context.Context, domain string) bool {
	ctx, cancel := context.WithTimeout(ctx, lookupTime)
	defer cancel()
	if mx, err := net.DefaultResolver.LookupMX(ctx, domain); err == nil && len(mx) > 0 {
		return true
	}
	addresses, err := net.DefaultResolver.LookupHost(ctx, domain)
	return err == nil && len(addresses) > 0
}

// relayed reports whether mail to elsewhere leaves through a relay host. Such a
// server needs no DNS to send, and would refuse what it sends today.
func relayed(p *planned) bool {
	for _, r := range p.Rendered {
		if main, err := maincf.Parse(r.Next); r.Path == transaction.MainCF && err == nil {
			host, _ := main.Get("relayhost")
			return host != ""
		}
	}
	return false
}

// modesInEffect are the modes of the last apply that is in effect: what the
// registry says may have been set and not been applied yet.
func (g *global) modesInEffect() (map[string]plan.Mode, error) {
	modes := map[string]plan.Mode{}
	for _, name := range controls.Names() {
		modes[name] = plan.Off
	}
	all, err := g.store().List()
	if err != nil {
		return nil, err
	}
	for _, m := range slices.Backward(all) {
		if state := g.store().State(m.ID); state == transaction.Applied || state == transaction.Waiting {
			maps.Copy(modes, plan.Modes(m.Controls))
			break
		}
	}
	return modes, nil
}

// describe takes mynetworks from main.cf, ports and AUTH from master.cf.
func (f files) describe(side *rehearsal.Side) error {
	main, master, err := f.parse()
	if err != nil {
		return err
	}
	side.Networks = main.Value("mynetworks")
	side.Ports = map[int]bool{}
	mx := master.Service(mastercf.NameOf(25), "inet")
	side.Postscreen = mx != nil && mx.Command == "postscreen"
	for _, port := range mastercf.Ports {
		if service := master.SMTPD(port, main.Value); service != nil {
			auth, _ := service.Option("smtpd_sasl_auth_enable")
			side.Ports[port] = auth == "yes"
		}
	}
	return nil
}
