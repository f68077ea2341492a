package baseline

import (
	"cmp"
	"fmt"

	"ucs-harden/plan"
)

// suspended keeps accounts from sending that are marked in the directory or
// stand in a list; they still receive. It asks by login and by sender, so that
// another sender address does not help.
type suspended struct{}

func (suspended) name() string { return "suspended" }

const (
	suspendedPrefix    = modePrefix + "suspended/"
	suspendedAttribute = suspendedPrefix + "attribute"
	suspendedValue     = suspendedPrefix + "value"
	suspendedGroup     = suspendedPrefix + "group"
	suspendedReason    = suspendedPrefix + "reason-attribute"
	suspendedText      = suspendedPrefix + "text"
	suspendedLookup    = suspendedPrefix + "lookup"

	defaultSuspendedAttribute = "ucsHardenSuspended"
	defaultSuspendedValue     = "TRUE"
	defaultSuspendedReason    = "ucsHardenSuspendedReason"
	defaultSuspendedText      = "This account may not send mail"
)

// mark is what marks an account in the directory.
func (suspended) mark(r Registry) Mark {
	get := func(variable, preset string) string {
		value, _ := r.Get(variable)
		return cmp.Or(value, preset)
	}
	return Mark{
		Attribute: get(suspendedAttribute, defaultSuspendedAttribute), Value: get(suspendedValue, defaultSuspendedValue),
		Group: get(suspendedGroup, ""), ReasonAttribute: get(suspendedReason, defaultSuspendedReason),
	}
}

func (c suspended) desire(f *Facts, state plan.Control, d *Desired) error {
	if state.After == plan.Off {
		return nil
	}
	live, err := d.live(suspendedLookup, state.After, c.name())
	if err != nil {
		return err
	}
	if group := c.mark(f.Registry).Group; group != "" {
		d.groupExists(suspendedGroup, group, c.name())
	}
	text := d.text(suspendedText, defaultSuspendedText)
	t := newAccounts()
	for _, l := range d.listed(c.name()) {
		for _, a := range d.of(l, c.name()) {
			t.add(a, refusal(text, l.Reason, c.name()))
		}
	}
	if !live {
		for _, a := range f.People.Suspended {
			t.add(a, refusal(text, a.Reason, c.name()))
		}
	}
	checks := d.checksOf(c.name(), "Accounts that may not send,", t)
	if live {
		checks = append(checks, d.liveChecks(c.name())...)
	}
	if len(checks) > 0 {
		d.early(1, c.name(), state.After, checks...)
	}
	return nil
}

// live reports whether the directory is asked about every mail, rather than
// what it said at the last sync. In warn it is not: a map that fails makes
// Postfix answer 451, whatever stands before the check.
func (d *Desired) live(variable string, mode plan.Mode, control string) (bool, error) {
	switch value, _ := d.facts.Registry.Get(variable); value {
	case "", "synced":
		return false, nil
	case "live":
		if mode == plan.Warn {
			d.find(plan.Finding{
				ID: "live-in-warn:" + control, Severity: plan.Note, Control: control,
				Text: "in warn " + control + " uses what the directory said at the last sync: a directory that does not answer must not stop mail",
				Hint: "enforce asks the directory about every mail, as " + variable + " says",
			})
			return false, nil
		}
		return true, nil
	default:
		return false, fmt.Errorf("cannot use the registry variable %s: %q is neither \"live\" nor \"synced\"", variable, value)
	}
}

// liveChecks ask the two LDAP maps of a control.
func (d *Desired) liveChecks(control string) []string {
	senders, logins := mapPrefix+control, mapPrefix+control+"-logins"
	d.ldapMap(senders, control)
	d.ldapMap(logins, control)
	return []string{"check_sasl_access ldap:" + logins, "check_sender_access ldap:" + senders}
}

// groupExists reports a group that the directory does not have.
func (d *Desired) groupExists(variable, group, control string) (dn string, ok bool) {
	dn, ok = d.facts.People.Groups[group]
	if !ok {
		d.find(plan.Finding{
			ID: "no-group:" + variable, Severity: plan.Error, Control: control, Acceptable: true,
			Text: fmt.Sprintf("%s names the group %q, which the directory does not have", variable, group),
			Hint: "correct the name, or give the DN of the group",
		})
	}
	return dn, ok
}
