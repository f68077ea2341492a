package controls

import (
	"maps"

	"ucs-harden/plan"
)

// Everywhere puts all controls that are on into a mode, and all domains of them, also those that have a mode of their own.
// What is off stays off, since that was decided.
func Everywhere(states []plan.Control, mode plan.Mode) {
	for i := range states {
		state := &states[i]
		if state.After != plan.Off {
			state.After = mode
		}
		state.Domains = maps.Clone(state.Domains)
		for domain, own := range state.Domains {
			if own != plan.Off {
				state.Domains[domain] = mode
			}
		}
	}
}
