package harden

import (
	"slices"

	"ucs-harden/controls"
	"ucs-harden/evidence"
	"ucs-harden/plan"
)

// targets are the controls of a plan, as the gate looks at them: each with the mode that it has in Postfix, the mode that
// the plan gives it, and since when it watches. Domains that differ in one of these are targets of their own.
//
// A target changes into enforce if neither Postfix nor the newest change in effect has it in enforce. So a repair, a new
// domain, a new controller and a new entry of a list are no such change, if they come under a mode that stands.
func (s *Server) targets(p *Planned) ([]evidence.Target, error) {
	records, err := s.records()
	if err != nil {
		return nil, err
	}
	w, running := watchingSince(records), controls.RunningOf(p.facts.Facts)
	modes := running.Modes()
	var out []evidence.Target
	for _, state := range p.Controls {
		c, _ := controls.ByName(state.Name)
		target := func(domain string, wanted, runs plan.Mode) evidence.Target {
			t := evidence.Target{
				Control: c.Name, Domain: domain, Wanted: wanted, Running: runs, Gated: c.NeedsEvidence && !state.Idle,
			}
			if runs != plan.Off {
				t.Since = w.of(c.Name, domain)
			}
			t.Changes = t.Gated && wanted == plan.Enforce && runs != plan.Enforce &&
				w.mode(c.Name, domain) != plan.Enforce
			return t
		}
		whole := target("", state.Strongest(), modes[c.Name])
		if c.DomainModes == "" {
			out = append(out, whole)
			continue
		}
		out = append(out, domainTargets(p, state, running.Domains(), whole, target)...)
	}
	return out, nil
}

// domainTargets are the hosted domains as targets; the whole control, if there is no difference between them.
func domainTargets(
	p *Planned, state plan.Control, running map[string]plan.Mode, whole evidence.Target,
	target func(domain string, wanted, runs plan.Mode) evidence.Target,
) []evidence.Target {
	var each []evidence.Target
	for _, domain := range controls.HostedDomains(p.facts.Registry) {
		wanted := state.After
		if own, has := state.Domains[domain]; has {
			wanted = own
		}
		runs, known := running[domain]
		if !known {
			runs = whole.Running // a new domain has the mode that stands
			if runs == "" {
				runs = plan.Off
			}
		}
		each = append(each, target(domain, wanted, runs))
	}
	differs := func(t evidence.Target) bool {
		return t.Wanted != each[0].Wanted || t.Running != each[0].Running || !t.Since.Equal(each[0].Since) ||
			t.Changes != each[0].Changes
	}
	if len(each) == 0 || !slices.ContainsFunc(each, differs) {
		if len(each) > 0 {
			one := each[0]
			one.Domain = ""
			return []evidence.Target{one}
		}
		return []evidence.Target{whole}
	}
	return each
}
