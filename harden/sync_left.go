package harden

import (
	"slices"

	"ucs-harden/controls"
	"ucs-harden/findings"
	"ucs-harden/plan"
)

// leaving is the desired state of a sync: what cannot be planned is left out or stays as it runs, see controls.DesireSync.
func (f *facts) leaving() *controls.Desired {
	return controls.DesireSync(f.Facts, func(found []plan.Finding) []string {
		return (&Planned{facts: f, Plan: &plan.Plan{Findings: found}}).accepted()
	})
}

// accepted are the IDs of the findings that somebody has accepted earlier.
func (p *Planned) accepted() []string { return idsOf(p.holding(p.facts.request.accepted)) }

// unspared is the plan with the findings that count for it.
func (p *Planned) unspared() *plan.Plan {
	if len(p.spared) == 0 {
		return p.Plan
	}
	spared := func(f plan.Finding) bool { return p.spared[f.ID] }
	return &plan.Plan{Findings: slices.DeleteFunc(slices.Clone(p.Findings), spared)}
}

// kept are the findings about controls that stay as they run.
func (p *Planned) kept() []plan.Finding {
	return p.findings(func(f plan.Finding) bool { return findings.Stays.Is(f) || findings.NoAnswer.Is(f) })
}

// skipped are the findings about entries that are left out, or cannot be used.
func (p *Planned) skipped() []plan.Finding {
	stays := map[string]bool{}
	for _, f := range p.kept() {
		stays[f.Control] = true
	}
	return p.findings(func(f plan.Finding) bool { return findings.Entry.Is(f) || p.spared[f.ID] && !stays[f.Control] })
}

func (p *Planned) findings(which func(plan.Finding) bool) (out []plan.Finding) {
	for _, f := range p.Findings {
		if which(f) {
			out = append(out, f)
		}
	}
	return out
}
