package controls

import (
	"maps"

	"ucs-harden/plan"
)

// Hold puts controls into warn that the registry has in enforce. held names them, or single domains as CONTROL/DOMAIN.
func Hold(r Registry, states []plan.Control, held map[string]bool) {
	if len(held) == 0 {
		return
	}
	for i := range states {
		state := &states[i]
		c, _ := ByName(state.Name)
		if held[state.Name] {
			state.After = lower(state.After)
		}
		domains := maps.Clone(state.Domains)
		for _, domain := range hostedDomains(r) {
			if !held[state.Name+"/"+domain] && !held[state.Name] || c.DomainModes == "" {
				continue
			}
			if domains == nil && held[state.Name] {
				continue // it follows the control
			}
			if domains == nil {
				domains = allHave(r, state.After)
			}
			domains[domain] = lower(domains[domain])
		}
		state.Domains = domains
	}
}

func allHave(r Registry, mode plan.Mode) map[string]plan.Mode {
	modes := map[string]plan.Mode{}
	for _, domain := range hostedDomains(r) {
		modes[domain] = mode
	}
	return modes
}

func lower(mode plan.Mode) plan.Mode {
	if mode == plan.Enforce {
		return plan.Warn
	}
	return mode
}
