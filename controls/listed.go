package controls

import (
	"fmt"

	"ucs-harden/lists"
	"ucs-harden/plan"
)

// listed are the entries of a control's list that count today, with a finding
// for each of the others.
func (d *Desired) listed(control string) []lists.Entry {
	var out []lists.Entry
	for _, l := range lists.Read(d.facts.Registry, control) {
		variable := l.Variable(control)
		if why := l.Fault(control); why != "" {
			d.find(plan.Finding{
				ID: "entry:" + variable, Severity: plan.Error, Control: control,
				Text: fmt.Sprintf("%s is no entry that can be used: %s", variable, why),
				Hint: "correct or remove it: ucs-harden " + lists.Verbs[control] + " list",
			})
			continue
		}
		if l.Expired(d.facts.Today) {
			d.find(plan.Finding{
				ID: "expired:" + variable, Severity: plan.Warning, Control: control,
				Text: fmt.Sprintf("the entry for %s expired on %s and has no effect", l.About(), l.Expires),
				Hint: "ucs-harden " + lists.Verbs[control] + " remove " + plan.Quote(l.Name),
			})
			continue
		}
		out = append(out, l)
	}
	return out
}
