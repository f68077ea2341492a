package controls

import (
	"fmt"
	"slices"
	"strings"

	"ucs-harden/doors"
	"ucs-harden/findings"
	"ucs-harden/mastercf"
	"ucs-harden/plan"
	"ucs-harden/restrictions"
)

// early puts checks before the first permit, where every client meets them: in the main recipient list, and in the list
// of 465 and 587 if there is one. In mode warn each check has warn_if_reject before it. order sorts the checks of
// several controls.
func (w Work) early(order int, checks ...string) {
	name := fmt.Sprintf("%d-%s", order, w.name)
	for _, prefix := range w.listsInForce() {
		var texts []string
		for _, check := range checks {
			if w.mode == plan.Warn {
				check = "warn_if_reject " + check
			}
			texts = append(texts, check)
		}
		w.claimEarly(prefix, restrictions.EarlyKey, name, strings.Join(texts, ", "))
	}
}

// placedBy reports whether early or claimEarly put the check there for a control. The key of its variable is then like
// "05-ucs-harden-4-protected-senders".
func (c Check) placedBy(control string) bool {
	_, key, _ := strings.Cut(c.Variable, restrictions.Ours+"-")
	_, key, _ = strings.Cut(key, "-")
	return strings.HasPrefix(key, control)
}

// logins reports whether some of the clients that meet a list may be logged in, and whether all may. Where no client can
// log in, smtpd(8) would log at every recipient that it ignores a check of the login.
func (d *Desired) logins(prefix string) (some, all bool) {
	planned := func(key string) (value string, set, now bool) {
		value, set = d.value(key)
		_, now = d.facts.Registry.Get(key)
		return value, set, now
	}
	return doors.Logins(d.facts.Doors, prefix == restrictions.SubmissionPrefix, planned)
}

// claimEarly sets a variable of ours, at the key that place finds in the list.
func (w Work) claimEarly(
	prefix string, place func(restrictions.List, string) (string, bool), name, value string,
) (key string) {
	key, ok := place(w.listWithoutOurs(prefix), name)
	if !ok {
		w.fail(findings.NoPlace.Of(prefix, w.name),
			fmt.Sprintf("something that may permit has a key in %s before which no other sorts: %s has no place there",
				prefix, w.name),
			"give it a key that is a number, such as 10")
		return ""
	}
	now, set := w.facts.Registry.Get(prefix + key)
	if _, ours := w.facts.Ledger.Variables[prefix+key]; set && !ours && now != value {
		w.occupied(prefix+key, now)
		return ""
	}
	w.set(prefix+key, value)
	w.checked[prefix] = true
	return key
}

// listWithoutOurs is the list that there will be, without our checks. Our checks get their places beside the
// restrictions of others.
func (d *Desired) listWithoutOurs(prefix string) restrictions.List {
	variables := slices.DeleteFunc(d.pairs(prefix), func(v restrictions.Variable) bool {
		ours := strings.Contains(strings.TrimPrefix(v.Key, prefix), restrictions.Ours+"-")
		return ours && (d.want[v.Key].Value == v.Value || d.facts.Left.has(d.facts.owner(v.Key)))
	})
	return d.ordered(prefix, variables)
}

// listOf is the list that there will be.
func (d *Desired) listOf(prefix string) restrictions.List { return d.ordered(prefix, d.pairs(prefix)) }

// ordered is the list that the variables with a prefix make.
func (d *Desired) ordered(prefix string, variables []restrictions.Variable) restrictions.List {
	if prefix == restrictions.SubmissionPrefix {
		return restrictions.Submission(variables)
	}
	return d.mainList(variables)
}

// listsInForce are the prefixes of the lists that smtpd(8) asks: the main one, and that of 465 and 587 when a service
// refers to it.
func (w Work) listsInForce() []string {
	out := []string{restrictions.MainPrefix}
	for _, service := range submissionServices {
		options, there := w.facts.Services[service]
		value, _ := w.value(mastercf.Variable(service, "smtpd_recipient_restrictions"))
		switch own := options["smtpd_recipient_restrictions"]; {
		case value == ownList:
			if len(out) == 1 {
				out = append(out, restrictions.SubmissionPrefix)
			}
		case there && value == "" && own != "" && own != ownList:
			w.warn(findings.OtherList.Of(service),
				fmt.Sprintf("%s has a recipient list that is not in the registry (%s): %s has no effect there",
					service, own, w.name),
				"let UCR have it: ucr set "+plan.Quote(mastercf.Variable(service, "smtpd_recipient_restrictions")+"="+ownList))
		}
	}
	return out
}
