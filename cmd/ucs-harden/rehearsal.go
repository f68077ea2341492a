package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"sync"

	"ucs-harden/baseline"
	"ucs-harden/directory"
	"ucs-harden/hosteddomains"
	"ucs-harden/mastercf"
	"ucs-harden/plan"
	"ucs-harden/postfix"
	"ucs-harden/rehearsal"
	"ucs-harden/transaction"
	"ucs-harden/ucr"
)

// foreignVariable names the domain that stands for all others in a rehearsal.
const foreignVariable = "mail/harden/rehearsal/foreign-domain"

// rehearsedUsers is how many mail users a rehearsal logs in or writes as.
const rehearsedUsers = 5

// stage is today's configuration and that of the plan, each in a private
// Postfix of its own.
type stage struct {
	today, planned *rehearsal.Instance
}

func (s *stage) close() error {
	var errs []error
	for _, i := range []*rehearsal.Instance{s.today, s.planned} {
		if i != nil {
			errs = append(errs, i.Close())
		}
	}
	return errors.Join(errs...)
}

// rehearse plays the matrix of this server against both configurations.
func (g *global) rehearse(ctx context.Context, p *planned) (_ *rehearsal.Matrix, err error) {
	facts, err := g.rehearsalFacts(ctx, p)
	if err != nil {
		return nil, fmt.Errorf("cannot rehearse: %w", err)
	}
	g.busy("rehearsing")
	defer g.idle()
	s, err := g.raise(ctx, p)
	if err != nil {
		return nil, fmt.Errorf("cannot rehearse: %w", err)
	}
	defer func() { err = errors.Join(err, s.close()) }()
	return rehearsal.Rehearse(ctx, facts, s.today.Play, s.planned.Play)
}

// raise starts both, side by side.
func (g *global) raise(ctx context.Context, p *planned) (*stage, error) {
	today, next, err := g.configurations(ctx, p)
	if err != nil {
		return nil, err
	}
	var s stage
	var both sync.WaitGroup
	var failedToday, failedPlan error
	programs := rehearsing{g.runner}
	both.Go(func() { s.today, failedToday = rehearsal.Start(ctx, programs, today) })
	both.Go(func() { s.planned, failedPlan = rehearsal.Start(ctx, programs, next) })
	both.Wait()
	switch {
	case failedToday != nil:
		err = fmt.Errorf("today's configuration: %w", failedToday)
	case failedPlan != nil:
		err = fmt.Errorf("the configuration of the plan: %w", failedPlan)
	default:
		return &s, nil
	}
	return nil, errors.Join(err, s.close())
}

// configurations are what the two are made from: the live files, and the dry
// run with the proposed tables and maps.
func (g *global) configurations(ctx context.Context, p *planned) (today, next rehearsal.Config, err error) {
	for _, r := range p.Rendered {
		if r.Path == transaction.MainCF {
			today.Main, next.Main = r.Now, r.Next
		} else {
			today.Master, next.Master = r.Now, r.Next
		}
	}
	main, err := postfix.ParseMain(today.Main)
	if err != nil {
		return today, next, err
	}
	if queue, ok := main.Get("queue_directory"); ok {
		today.QueueDirectory, next.QueueDirectory = queue, queue
	}
	for _, f := range p.Files {
		switch {
		case f.Action == plan.Remove || f.Kind == plan.Ledger:
		case f.Kind == plan.Table:
			next.Files = append(next.Files, rehearsal.File{Path: f.Path, Type: f.Type, Content: []byte(*f.After)})
		case f.Kind == plan.Map:
			reg, err := ucr.Load(g.root)
			if err != nil {
				return today, next, err
			}
			content, err := g.ucr().RenderFile(ctx, reg, strings.TrimPrefix(f.Path, "/"))
			if err != nil {
				return today, next, err
			}
			next.Files = append(next.Files, rehearsal.File{Path: f.Path, Content: content})
		}
	}
	return today, next, nil
}

// rehearsalFacts are what the matrix is made from.
func (g *global) rehearsalFacts(ctx context.Context, p *planned) (rehearsal.Facts, error) {
	reg, err := ucr.Load(g.root)
	if err != nil {
		return rehearsal.Facts{}, err
	}
	var f rehearsal.Facts
	host, _ := reg.Get("hostname")
	domain, _ := reg.Get("domainname")
	f.Hostname = host + "." + domain
	f.Foreign, _ = reg.Get(foreignVariable)
	value, _ := reg.Get(baseline.DomainsVariable)
	if f.Domains, err = hosteddomains.Parse(value); err != nil {
		return f, fmt.Errorf("cannot use the registry variable %s: %w", baseline.DomainsVariable, err)
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
	for _, r := range p.Rendered {
		for side, content := range map[*rehearsal.Side][]byte{&f.Today: r.Now, &f.Plan: r.Next} {
			if err := readSide(side, r.Path, content); err != nil {
				return f, err
			}
		}
		if main, err := postfix.ParseMain(r.Next); r.Path == transaction.MainCF && err == nil {
			protocols, _ := main.Get("inet_protocols")
			f.IPv6 = strings.Contains(protocols, "ipv6") || strings.Contains(protocols, "all")
		}
	}
	f.Today.Modes, f.Plan.Modes = today, next
	return f, nil
}

// modesInEffect are the modes of the last apply that is in effect: what the
// registry says may have been set and not been applied yet.
func (g *global) modesInEffect() (map[string]plan.Mode, error) {
	modes := map[string]plan.Mode{}
	for _, name := range baseline.Names() {
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

// readSide takes mynetworks from a main.cf, ports and AUTH from a master.cf.
func readSide(side *rehearsal.Side, path string, content []byte) error {
	if path == transaction.MainCF {
		main, err := postfix.ParseMain(content)
		if err != nil {
			return err
		}
		side.Networks, _ = main.Get("mynetworks")
		return nil
	}
	master, err := mastercf.Parse(content)
	if err != nil {
		return err
	}
	side.Ports = map[int]bool{}
	for _, port := range rehearsal.Roles {
		if service := smtpdOf(master, port); service != nil {
			auth, _ := service.Option("smtpd_sasl_auth_enable")
			side.Ports[port] = auth == "yes"
		}
	}
	return nil
}

// smtpdOf is the service entry of the smtpd(8) of a port, which may stand
// behind postscreen(8); nil when there is none.
func smtpdOf(master *mastercf.File, port int) *mastercf.Service {
	service := master.Service(map[int]string{25: "smtp", 465: "smtps", 587: "submission"}[port], "inet")
	if pass := master.Service("smtpd", "pass"); service != nil && service.Command == "postscreen" && pass != nil {
		return pass
	}
	return service
}

// users are a few mail users of the directory, or of the file that stands for it.
func (g *global) users(ctx context.Context, reg *ucr.Registry) ([]rehearsal.User, error) {
	var found []directory.User
	if g.ldif != "" {
		file, err := os.Open(g.ldif)
		if err != nil {
			return nil, err
		}
		defer file.Close()
		if found, err = directory.UsersFromLDIF(file, rehearsedUsers); err != nil {
			return nil, fmt.Errorf("%s: %w", g.ldif, err)
		}
	} else {
		config, err := directory.ConfigFrom(reg.Get, g.root)
		if err != nil {
			return nil, err
		}
		if found, err = directory.MailUsers(ctx, config, rehearsedUsers); err != nil {
			return nil, err
		}
	}
	return rehearsalUsers(found), nil
}

func rehearsalUsers(found []directory.User) []rehearsal.User {
	out := make([]rehearsal.User, len(found))
	for i, u := range found {
		out[i] = rehearsal.User{UID: u.UID, Primary: u.Primary, Alternatives: u.Alternatives}
	}
	return out
}
