package harden

import (
	"context"
	"maps"
	"slices"
	"strings"

	"ucs-harden/maincf"
	"ucs-harden/mastercf"
	"ucs-harden/rehearsal"
)

// Foresee tells what people will notice of a plan, without a Postfix: the consequences follow from the rules of the
// controls and from the facts that the plan was made from. It works on an archive, too.
func (s *Server) Foresee(ctx context.Context, p *Planned) (*rehearsal.Matrix, error) {
	f, err := s.matrixFacts(p)
	if err != nil {
		return nil, err
	}
	if s.Live() || s.Directory != nil {
		// Without users, made-up ones stand for them. What is foretold does not depend on their names.
		f.Users, _ = s.users(ctx, p.facts.registry)
	}
	p.offerAuth(&f)
	return rehearsal.Foresee(f)
}

// offerAuth notes where the plan switches AUTH on. On an archive no dry run shows it.
func (p *Planned) offerAuth(f *rehearsal.Facts) {
	for _, port := range mastercf.Ports {
		options := p.Expect.Master[mastercf.NameOf(port)+"/inet"]
		if p.next.mastercf == nil && options["smtpd_sasl_auth_enable"] == "yes" {
			f.Plan.Ports[port] = true
		}
	}
}

// expected is the configuration to which the plan leads: as the dry run renders it; on an archive, where no program runs,
// that of today with the main.cf parameters that the plan expects.
func (p *Planned) expected() configuration {
	if p.next.mastercf != nil {
		return p.next
	}
	c := p.facts.now
	c.maincf = slices.Clone(c.maincf)
	for _, name := range slices.Sorted(maps.Keys(p.Expect.Main)) {
		c.maincf = append(c.maincf, maincf.Definition{Name: name, Value: p.Expect.Main[name]})
	}
	// The tables in force are those that some text names.
	var names strings.Builder
	names.Write(c.main)
	for _, v := range p.Variables {
		if v.After != nil {
			names.WriteString("\n" + *v.After)
		}
	}
	for _, file := range p.Files {
		if file.After != nil {
			names.WriteString("\n" + *file.After)
		}
	}
	c.main = []byte(names.String())
	return c
}
