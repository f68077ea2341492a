package harden

import (
	"fmt"
	"slices"
	"strings"

	"ucs-harden/findings"
	"ucs-harden/mastercf"
	"ucs-harden/outcome"
	"ucs-harden/plan"
	"ucs-harden/ucr"
)

// unfitOption is a finding about an -o override of a service entry.
type unfitOption struct {
	plan.Finding
	service string
}

// unfitOptions finds -o overrides in the registry whose values break master.cf, because the template prints values
// unquoted. All later overrides of the same service entry are lost as well.
func unfitOptions(reg *ucr.Registry) []unfitOption {
	var out []unfitOption
	for _, v := range reg.Prefix(mastercf.OptionsPrefix) {
		service, name, _ := strings.Cut(strings.TrimPrefix(v.Key, mastercf.OptionsPrefix), "/")
		if err := (mastercf.Option{Name: name, Value: v.Text}).Validate(); err != nil {
			out = append(out, unfitOption{service: service, Finding: findings.UnfitOption.Of(v.Key).Finding(plan.Error,
				fmt.Sprintf("%s breaks its service entry in master.cf: %s", v.Key, err),
				"ucr unset "+plan.Quote(v.Key)+", or set it to the name of a main.cf parameter that holds the value")})
		}
	}
	return out
}

// unfit reports them before all other findings, which may be their consequences. Switching everything off must not be
// blocked.
func (p *Planned) unfit() {
	var found []plan.Finding
	for _, f := range unfitOptions(p.registryAfter()) {
		if allOff(p.Plan) {
			f.Severity = plan.Warning
		}
		found = append(found, f.Finding)
	}
	p.Findings = slices.Insert(p.Findings, 0, found...)
}

// brokenServices are the names of the service entries that such an override breaks.
func brokenServices(reg *ucr.Registry) map[string]bool {
	broken := map[string]bool{}
	for _, f := range unfitOptions(reg) {
		broken[f.service] = true
	}
	return broken
}

// because adds the override that breaks master.cf to an error about master.cf.
func because(err error, reg *ucr.Registry) error {
	if found := unfitOptions(reg); err != nil && len(found) > 0 {
		return outcome.Advise(fmt.Errorf("%w; %s", err, found[0].Text), found[0].Hint)
	}
	return err
}
