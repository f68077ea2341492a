package controls

import (
	"maps"

	"ucs-harden/loginmaps"
	"ucs-harden/mastercf"
	"ucs-harden/plan"
	"ucs-harden/smtpd"
	"ucs-harden/wishes"
)

// ourLoginMaps is our value, and add adds its tables. In mode warn it is a table with what the directory said at the last
// sync: when LDAP does not answer, Postfix puts a message off with 451, even behind warn_if_reject.
func (c submission) ourLoginMaps() (value string, add func()) {
	if c.mode != plan.Warn {
		return "ldap:" + loginMap, func() { c.ldapMap(loginMap) }
	}
	return defaultTableType + ":" + table(submissionName+"-logins"), func() {
		c.access("logins", "Which logins own a sender address.", loginmaps.Table(c.facts.People.Owners))
	}
}

// theirLoginMaps are the login maps that a service has without us. list is its recipient list without us.
func (c submission) theirLoginMaps(service string, list string) loginmaps.Theirs {
	t := loginmaps.Theirs{Service: service, From: "main.cf"}
	overrides, variable := maps.Clone(c.facts.Services[service]), mastercf.Variable(service, loginmaps.Parameter)
	overrides["smtpd_recipient_restrictions"] = list
	value, set := c.value(variable)
	_, ours := c.facts.Ledger.Variables[variable]
	switch _, overridden := overrides[loginmaps.Parameter]; {
	case set:
		t.From, overrides[loginmaps.Parameter] = variable, value
		_, _, t.Fixed = c.facts.Registry.Stronger(variable)
	case overridden && !ours:
		t.From, t.Fixed = "master.cf", true
	default:
		delete(overrides, loginmaps.Parameter)
	}
	source := func(table string) []byte { return c.facts.Tables[table] }
	t.LoginMaps = smtpd.Settings{Main: c.facts.Main, Overrides: overrides}.LoginMaps(source)
	return t
}

// loginMaps sets the login maps of a service.
func (c submission) loginMaps(t loginmaps.Theirs, adopted bool) {
	ours, add := c.ourLoginMaps()
	ours, addRights := c.withRights(ours)
	d := t.Decide(c.mode, ours)
	if d.Finding != nil {
		d.Finding.Control = c.name
		c.find(*d.Finding)
	}
	if d.Value == "" {
		return
	}
	add()
	addRights()
	c.want[mastercf.Variable(t.Service, loginmaps.Parameter)] = wishes.Wish{
		Value: d.Value, Control: c.name, Adopted: adopted && !d.Joined,
	}
	c.expect(t.Service, loginmaps.Parameter, d.Value)
}
