package controls

import (
	"strings"

	"ucs-harden/lists"
	"ucs-harden/plan"
	"ucs-harden/restrictions"
)

// localOnly lets the accounts of a list write to hosted domains and listed
// destinations only. Who is in the list is asked by login and by sender.
type localOnly struct{}

func (localOnly) name() string { return "local-only" }

const (
	localOnlyPrefix       = modePrefix + "local-only/"
	localOnlyDestinations = localOnlyPrefix + "destinations"
	localOnlyHosted       = localOnlyPrefix + "hosted-domains"
	localOnlyText         = localOnlyPrefix + "text"
	localOnlyLookup       = localOnlyPrefix + "lookup"

	// LocalOnlyClass is what the accounts' tables and LDAP maps answer.
	LocalOnlyClass = "ucs_harden_local_only"

	defaultLocalOnlyText = "This account may only write to addresses inside the organization"
)

func (c localOnly) desire(f *Facts, state plan.Control, d *Desired) error {
	if state.After == plan.Off {
		return nil
	}
	live, err := d.live(localOnlyLookup, state.After, c.name())
	if err != nil {
		return err
	}
	t, groups, members := newAccounts(), false, 0
	for _, l := range d.listed(c.name()) {
		if l.Group == "" {
			for _, a := range d.of(l, c.name()) {
				t.add(a, LocalOnlyClass)
			}
			continue
		}
		dn, ok := d.groupExists(l.Variable(c.name())+"/group", l.Group, c.name(), live)
		groups = groups || ok
		if live {
			members += len(f.People.Members[dn])
		} else {
			for _, a := range f.People.Members[dn] {
				t.add(a, LocalOnlyClass)
			}
		}
	}
	checks := d.checksOf(c.name(), "Accounts that may only write to the destinations of the class "+LocalOnlyClass+",", t)
	if live && groups {
		checks = append(checks, d.liveChecks(c.name(), "")...)
	}
	if len(checks) == 0 {
		return nil
	}
	d.class(LocalOnlyClass, d.unless("check_recipient_access", c.destinations(f, d),
		d.refuseOthers(c.name()+"-refusal", refusal(d.text(localOnlyText, defaultLocalOnlyText), "", c.name()), c.name())))
	d.busy[c.name()] = t.many + members
	d.early(2, c.name(), state.After, checks...)
	return nil
}

// destinations is the table of those to whom the accounts may write.
func (c localOnly) destinations(f *Facts, d *Desired) string {
	listed := map[string]string{}
	if _, set := f.Registry.Get(localOnlyHosted); !set || f.Registry.IsTrue(localOnlyHosted) {
		for _, domain := range hostedDomains(f.Registry) {
			listed[domain] = isListed
		}
	}
	further, _ := f.Registry.Get(localOnlyDestinations)
	for _, word := range strings.Fields(further) {
		if !lists.IsAddress(word) && !lists.IsDomain(word) {
			d.badVariable(localOnlyDestinations, plan.Quote(word)+" is neither a mail address nor a domain", c.name())
			continue
		}
		listed[strings.ToLower(word)] = isListed
	}
	if len(listed) == 0 {
		d.find(plan.Finding{
			ID: "no-destinations", Severity: plan.Warning, Control: c.name(),
			Text: "there is no destination: the accounts of local-only may write to nobody, not even to themselves",
			Hint: "name some in " + localOnlyDestinations + ", or let the hosted domains be some: ucr unset " + localOnlyHosted,
		})
	}
	return d.access(c.name()+"-destinations", "Where accounts of local-only may write to: whole domains and single addresses.", listed, c.name())
}

// class wants a restriction class.
func (d *Desired) class(name string, texts ...string) {
	d.classes = append(d.classes, restrictions.Class{Name: name, Restrictions: texts})
}
