package controls

import (
	"cmp"
	"fmt"
	"strings"

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
		d.groupExists(suspendedGroup, group, c.name(), live)
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
		checks = append(checks, d.liveChecks(c.name(), c.answer(d))...)
	}
	if len(checks) > 0 {
		d.busy[c.name()] = t.many
		if live {
			d.busy[c.name()] += len(f.People.Suspended)
		}
		d.early(1, c.name(), state.After, checks...)
	}
	return nil
}

// answer is a table through which the answers of the LDAP map go: the reason is
// the directory's, of any length. What is too long is cut, and so is what begins
// with something that does not print; of two answers for one address, joined by
// a comma, the first counts. There is always an answer, so that none permits.
func (c suspended) answer(d *Desired) string {
	const text = `(REJECT 5\.7\.1 [ -~]{1,230}`
	tag := Tag + c.name()
	return d.patterns(c.name()+"-answer", "Makes one line that is not too long of what the directory gives as the reason.", c.name(),
		`/^(REJECT 5\.7\.1 [ -"$-~]{1,230} `+tag+`),REJECT / $1`,
		`/^`+text+` `+tag+`)$/ $1`,
		`/^`+text+`)/ $1... `+tag,
		`/^/ `+asResult(refusal(defaultSuspendedText, "", c.name())))
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

// liveChecks ask the two LDAP maps of a control, through a table if one is given.
func (d *Desired) liveChecks(control, through string) []string {
	senders, logins := mapPrefix+control, mapPrefix+control+"-logins"
	d.ldapMap(senders, control)
	d.ldapMap(logins, control)
	ask := func(check, path string) string {
		if through == "" {
			return fmt.Sprintf("%s ldap:%s", check, path)
		}
		return fmt.Sprintf("%s pipemap:{ldap:%s,%s}", check, path, through)
	}
	return []string{ask("check_sasl_access", logins), ask("check_sender_access", senders)}
}

// groupExists reports a group that the directory does not have, or not where
// the LDAP map looks for it.
func (d *Desired) groupExists(variable, group, control string, live bool) (dn string, ok bool) {
	dn, ok = d.facts.People.Groups[group]
	base, _ := d.facts.Registry.Get("ldap/base")
	if usual := "cn=" + group + ",cn=groups," + base; ok && live && !strings.Contains(group, "=") && !strings.EqualFold(dn, usual) {
		d.find(plan.Finding{
			ID: "group-elsewhere:" + variable, Severity: plan.Error, Control: control,
			Text: fmt.Sprintf("%s names the group %q, which is not in the container of groups but %s: the live lookup would not find its members", variable, group, dn),
			Hint: "name it by its DN: ucr set " + plan.Quote(variable+"="+dn),
		})
	}
	if !ok {
		d.find(plan.Finding{
			ID: "no-group:" + variable, Severity: plan.Error, Control: control, Acceptable: true,
			Text: fmt.Sprintf("%s names the group %q, which the directory does not have", variable, group),
			Hint: "correct the name, or give the DN of the group",
		})
	}
	return dn, ok
}
