package harden

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"ucs-harden/doors"
	"ucs-harden/mastercf"
	"ucs-harden/plan"
	"ucs-harden/privatepostfix"
	"ucs-harden/rehearsal"
	"ucs-harden/stage"
)

// Rehearse sends the test messages of this server's matrix to today's configuration and to the planned one. The matrix
// says whether the answers are right. An error means that the rehearsal itself failed.
func (s *Server) Rehearse(ctx context.Context, p *Planned) (_ *rehearsal.Matrix, err error) {
	if err := installed(Programs()...); err != nil {
		return nil, fmt.Errorf("cannot rehearse: %w", err)
	}
	facts, err := s.rehearsalFacts(ctx, p)
	if err != nil {
		return nil, fmt.Errorf("cannot rehearse: %w", err)
	}
	defer s.progress("rehearsing")()
	st, err := s.raise(ctx, p)
	if err != nil {
		return nil, fmt.Errorf("cannot rehearse: %w", err)
	}
	defer func() { err = errors.Join(err, st.Close()) }()
	for _, side := range []*rehearsal.Side{&facts.Today, &facts.Plan} {
		for port := range st.Dead {
			delete(side.Ports, port)
		}
		side.Further = slices.DeleteFunc(side.Further, func(d rehearsal.Door) bool { return st.Dead[doors.Door{Name: d.Name, Further: true}.ID()] != "" })
	}
	m, err := rehearsal.Rehearse(ctx, facts, st.Today, st.Planned)
	if err != nil {
		return nil, err
	}
	m.Notes = append(m.Notes, st.Notes()...)
	if facts.NoForeign {
		domain := cmp.Or(facts.Foreign, rehearsal.DefaultForeign)
		m.Notes = append(m.Notes, fmt.Sprintf("this server's DNS does not know %s, so mail to foreign domains was not "+
			"rehearsed; another domain can be set in the registry variable %s", domain, ForeignVariable))
	}
	return m, nil
}

// raise starts both instances.
func (s *Server) raise(ctx context.Context, p *Planned) (*stage.Stage, error) {
	today, next, err := s.configurations(ctx, p)
	if err != nil {
		return nil, err
	}
	about := func(port int) bool { return port == 25 || len(p.Expect.Master[mastercf.NameOf(port)+"/inet"]) > 0 }
	return stage.Raise(ctx, PrivatePrograms(s.Runner), today, next, about)
}

// configurations returns the configurations of the two instances: the live files, and the files of the dry run with the
// planned tables and maps.
func (s *Server) configurations(ctx context.Context, p *Planned) (today, next privatepostfix.Config, err error) {
	now := p.facts.now
	today.Main, today.Master = now.maincf, now.mastercf
	next.Main, next.Master = p.next.maincf, p.next.mastercf
	if queue, ok := now.maincf.Get("queue_directory"); ok {
		today.QueueDirectory, next.QueueDirectory = queue, queue
	}
	for _, f := range p.Files {
		switch {
		case f.Action == plan.Remove || f.Kind == plan.Ledger:
		case f.Kind == plan.Table:
			next.Files = append(next.Files, privatepostfix.File{Path: f.Path, Type: f.Type, Content: []byte(*f.After)})
		case f.Kind == plan.Map:
			content, err := s.ucr().RenderFile(ctx, p.facts.registry, strings.TrimPrefix(f.Path, "/"))
			if err != nil {
				return today, next, err
			}
			next.Files = append(next.Files, privatepostfix.File{Path: f.Path, Content: content})
		}
	}
	return today, next, nil
}
