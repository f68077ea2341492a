package controls

import (
	"fmt"
	"slices"

	"ucs-harden/findings"
	"ucs-harden/lists"
	"ucs-harden/plan"
)

// listed are the entries of the control's list that count today. Each other entry gets a finding.
func (w Work) listed() []lists.Entry {
	return w.entries(func(lists.Entry) bool { return true })
}

// entries are those of the chosen entries that count today. Each other one of them gets a finding.
func (w Work) entries(chosen func(lists.Entry) bool) []lists.Entry {
	var out []lists.Entry
	for _, e := range w.list.Read(w.facts.Registry) {
		if !chosen(e) {
			continue
		}
		variable := w.list.Variable(e)
		if why := w.list.Fault(e); why != "" {
			w.warn(findings.Entry.Of(variable),
				fmt.Sprintf("%s is no entry that can be used: %s", variable, why),
				"correct or remove it: ucs-harden "+w.list.Listing())
			continue
		}
		if !e.InForce(w.facts.Today) {
			w.warn(findings.Expired.Of(variable),
				fmt.Sprintf("the entry for %s expired on %s and has no effect", e.About(), e.Expires),
				"ucs-harden "+w.list.Removing()+" "+plan.Quote(e.Name))
			continue
		}
		out = append(out, e)
	}
	return out
}

// faulty are the entries that cannot be used.
func (w Work) faulty() []lists.Entry {
	return slices.DeleteFunc(w.list.Read(w.facts.Registry), func(e lists.Entry) bool { return w.list.Fault(e) == "" })
}
