package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"ucs-harden/mastercf"
	"ucs-harden/plan"
	"ucs-harden/privatepostfix"
	"ucs-harden/rehearsal"
)

// stage is today's configuration and that of the plan, each in a private
// Postfix of its own.
type stage struct {
	today, planned *privatepostfix.Instance
	// dead are the ports that do not work today, and why; neither has them.
	dead map[int]string
}

func (s *stage) close() error {
	var errs []error
	for _, i := range []*privatepostfix.Instance{s.today, s.planned} {
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
	for port := range s.dead {
		delete(facts.Today.Ports, port)
		delete(facts.Plan.Ports, port)
	}
	m, err := rehearsal.Rehearse(ctx, facts, s.today.Play, s.planned.Play)
	if err != nil {
		return nil, err
	}
	for _, why := range slices.Compact(slices.Sorted(maps.Values(s.dead))) {
		m.Notes = append(m.Notes, why+"; it is so today, and not the plan's doing")
	}
	if facts.NoForeign {
		m.Notes = append(m.Notes, fmt.Sprintf("this server's DNS does not know %s, so mail to elsewhere was not rehearsed; the registry variable %s names another domain", cmp.Or(facts.Foreign, rehearsal.DefaultForeign), foreignVariable))
	}
	return m, nil
}

// raise starts both, side by side. Where 465 or 587 do not work today, that is
// not the plan's doing: both are started without. But a plan that is about such a
// port could not be shown to be right, neither before it is applied nor after.
func (g *global) raise(ctx context.Context, p *planned) (*stage, error) {
	today, next, err := g.configurations(ctx, p)
	if err != nil {
		return nil, err
	}
	s, err := g.start(ctx, today, next)
	var failed todayError
	if !errors.As(err, &failed) {
		return s, err
	}
	dead := privatepostfix.DeadPorts(failed.error)
	about := func(port int) bool { return port == 25 || len(p.Expect.Master[mastercf.NameOf(port)+"/inet"]) > 0 }
	if len(dead) == 0 || slices.ContainsFunc(slices.Collect(maps.Keys(dead)), about) {
		return nil, err
	}
	for port := range dead {
		today.Without, next.Without = append(today.Without, port), append(next.Without, port)
	}
	if s, err = g.start(ctx, today, next); err != nil {
		return nil, err
	}
	s.dead = dead
	return s, nil
}

// todayError says that it is today's configuration that does not start.
type todayError struct{ error }

func (e todayError) Error() string { return "today's configuration: " + e.error.Error() }
func (e todayError) Unwrap() error { return e.error }

// start starts a private Postfix with each configuration.
func (g *global) start(ctx context.Context, today, next privatepostfix.Config) (*stage, error) {
	var s stage
	var err error
	var both sync.WaitGroup
	var failedToday, failedPlan error
	programs := rehearsing{g.runner}
	both.Go(func() { s.today, failedToday = privatepostfix.Start(ctx, programs, today) })
	both.Go(func() { s.planned, failedPlan = privatepostfix.Start(ctx, programs, next) })
	both.Wait()
	switch {
	case failedToday != nil:
		err = todayError{failedToday}
	case failedPlan != nil:
		err = fmt.Errorf("the configuration of the plan: %w", failedPlan)
	default:
		return &s, nil
	}
	if left := s.close(); left != nil {
		err = errors.Join(err, left)
	}
	return nil, err
}

// configurations are what the two are made from: the live files, and the dry
// run with the proposed tables and maps.
func (g *global) configurations(ctx context.Context, p *planned) (today, next privatepostfix.Config, err error) {
	now, then := p.files()
	if today.Main, today.Master, err = now.parse(); err != nil {
		return today, next, err
	}
	if next.Main, next.Master, err = then.parse(); err != nil {
		return today, next, err
	}
	if queue, ok := today.Main.Get("queue_directory"); ok {
		today.QueueDirectory, next.QueueDirectory = queue, queue
	}
	for _, f := range p.Files {
		switch {
		case f.Action == plan.Remove || f.Kind == plan.Ledger:
		case f.Kind == plan.Table:
			next.Files = append(next.Files, privatepostfix.File{Path: f.Path, Type: f.Type, Content: []byte(*f.After)})
		case f.Kind == plan.Map:
			content, err := g.ucr().RenderFile(ctx, p.registry, strings.TrimPrefix(f.Path, "/"))
			if err != nil {
				return today, next, err
			}
			next.Files = append(next.Files, privatepostfix.File{Path: f.Path, Content: content})
		}
	}
	return today, next, nil
}
