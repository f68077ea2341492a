// Package wishes holds the values that the controls want registry variables to have, and compares them with the
// registry and the ledger.
package wishes

import (
	"maps"
	"slices"

	"ucs-harden/ledger"
	"ucs-harden/plan"
)

// Wish is a value that a control wants a variable to have.
type Wish struct {
	Value, Control string
	// Adopted: the variable was set by hand after the published procedure. It becomes ours, as if it had not been there
	// before.
	Adopted bool
	// Released: the variable is not ours any more. Absent: it must have no value.
	Released, Absent bool
}

// Wishes are the wishes, by variable.
type Wishes map[string]Wish

// Registry is what this package reads of the Univention Configuration Registry.
type Registry interface {
	ledger.Registry
	// Get is the effective value of a variable.
	Get(key string) (string, bool)
}

// Value is the effective value that a variable will have.
func (w Wishes) Value(key string, l ledger.Ledger, r Registry) (string, bool) {
	if _, stronger, ok := r.Stronger(key); ok {
		return stronger, true
	}
	if wish, ok := w[key]; ok && !wish.Absent {
		return wish.Value, true
	}
	if restored, ok := l.Restored(r, key); ok {
		if restored == nil {
			return "", false
		}
		return *restored, true
	}
	return r.Get(key)
}

// Variables are the changes of the normal layer, sorted by key.
func (w Wishes) Variables(l ledger.Ledger, r Registry) []plan.Variable {
	after := map[string]plan.Variable{}
	for key, wish := range w {
		v := plan.Variable{Key: key, Control: wish.Control}
		if !wish.Absent {
			v.After = &wish.Value
		}
		after[key] = v
	}
	for key := range l.Variables {
		if _, wanted := w[key]; wanted {
			continue
		}
		if before, ok := l.Restored(r, key); ok {
			after[key] = plan.Variable{Key: key, After: before, Control: "off"}
		}
	}
	var out []plan.Variable
	for _, key := range slices.Sorted(maps.Keys(after)) {
		v := after[key]
		if now, ok := r.Normal(key); ok {
			v.Before = &now
		}
		effective, isSet := r.Get(key)
		sameByDefault := v.Before == nil && v.After != nil && isSet && effective == *v.After
		if v.Action() != plan.Keep && !sameByDefault {
			out = append(out, v)
		}
	}
	return out
}
