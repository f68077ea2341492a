package controls

import (
	"fmt"
	"maps"
	"slices"

	"ucs-harden/lists"
	"ucs-harden/plan"
)

// listed are the entries of the control's list that count today. Each other entry gets a finding.
func (w Work) listed() []lists.Entry {
	var out []lists.Entry
	for _, e := range w.list.Read(w.facts.Registry) {
		variable := w.list.Variable(e)
		if why := w.list.Fault(e); why != "" {
			w.fail("entry:"+variable,
				fmt.Sprintf("%s is no entry that can be used: %s", variable, why),
				"correct or remove it: ucs-harden "+w.list.Verb+" list")
			continue
		}
		if e.Expired(w.facts.Today) {
			w.warn("expired:"+variable,
				fmt.Sprintf("the entry for %s expired on %s and has no effect", e.About(), e.Expires),
				"ucs-harden "+w.list.Verb+" remove "+plan.Quote(e.Name))
			continue
		}
		out = append(out, e)
	}
	return out
}

// HeldEntry is the finding about a change of a list that would have no effect, because a stronger layer holds one of
// its variables. It is nil when no layer does.
func HeldEntry(r Registry, control string, set map[string]string, unset []string) *plan.Finding {
	for _, key := range slices.Concat(slices.Sorted(maps.Keys(set)), unset) {
		layer, held, ok := r.Stronger(key)
		if !ok {
			continue
		}
		f := plan.HeldFinding(key, layer, held, set[key], control)
		if _, isSet := set[key]; !isSet {
			f.Text = fmt.Sprintf("%s is held by the layer %q with the value %q, from which it cannot be removed here",
				key, layer, held)
		}
		return &f
	}
	return nil
}
