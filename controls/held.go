package controls

import (
	"fmt"
	"maps"
	"slices"

	"ucs-harden/plan"
)

// HeldEntry is the finding about a change of a list that would have no effect,
// because a stronger layer holds one of its variables; nil when none does.
func HeldEntry(r Registry, control string, set map[string]string, unset []string) *plan.Finding {
	for _, key := range slices.Sorted(maps.Keys(set)) {
		if layer, held, ok := r.Stronger(key); ok {
			f := heldFinding(key, layer, held, wish{value: set[key], control: control})
			return &f
		}
	}
	for _, key := range unset {
		if layer, held, ok := r.Stronger(key); ok {
			f := heldFinding(key, layer, held, wish{control: control})
			f.Text = fmt.Sprintf("%s is held by the layer %q with the value %q, from which it cannot be removed here", key, layer, held)
			return &f
		}
	}
	return nil
}

// ListSettings are the variables that say more about whom a control is for than
// its list does, as far as they are set.
func ListSettings(r Registry, control string) map[string]string {
	out := map[string]string{}
	for _, key := range map[string][]string{
		localOnly{}.name(): {localOnlyDestinations, localOnlyHosted, localOnlyText, localOnlyLookup},
		suspended{}.name(): {suspendedAttribute, suspendedValue, suspendedGroup, suspendedReason, suspendedText, suspendedLookup},
		protected{}.name(): {protectedAll, protectedVariant, protectedSenders, protectedExcept, protectedText},
	}[control] {
		if value, set := r.Get(key); set {
			out[key] = value
		}
	}
	return out
}
