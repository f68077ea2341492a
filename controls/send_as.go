package controls

import (
	"ucs-harden/loginmaps"
	"ucs-harden/owners"
	"ucs-harden/rules"
	"ucs-harden/sendas"
)

const (
	rightsTable  = "senders"
	domainsTable = "sender-domains"
)

// askSendAs asks for the groups and lists whose members may write as further addresses.
func askSendAs(r Registry, q *Questions) {
	q.Sharing.All = r.IsTrue(sendas.GroupSenders)
	q.Sharing.Groups, q.Sharing.Lists = sendas.Asked(r)
}

// loginMaps is the table that says which logins own an address: its owners in the directory, and who has a right.
func (c submission) loginMaps() string {
	rights := sendas.Compile(sendas.Source{
		Entries: c.listed(), Book: owners.New(c.facts.People.Accounts...), Groups: c.facts.People.Sharing,
		All: c.facts.Registry.IsTrue(sendas.GroupSenders), Delimiter: c.facts.Delimiter, Hosted: hostedDomains(c.facts.Registry),
	})
	for _, f := range rights.Findings {
		c.note(f.Severity, f.ID, f.Text, f.Hint)
	}
	if rights.Many > 0 {
		c.busy[c.name] = rights.Many
	}
	tables := []string{"ldap:" + loginMap}
	if len(rights.Addresses) > 0 {
		tables = append(tables, c.access(rightsTable, "Who may write as further addresses.", loginmaps.Entries(rights.Addresses)))
	}
	if len(rights.Domains) > 0 {
		domain := c.patterns("sender-domain", "Gives the domain of a sender.", loginmaps.DomainOf(c.facts.Delimiter))
		holders := c.access(domainsTable, "Who may write as further domains.", loginmaps.Entries(rights.Domains))
		tables = append(tables, loginmaps.Domains(domain, holders))
	}
	return loginmaps.Union(tables...)
}

// readSendAs reads the tables of rights.
func readSendAs(t Tables, l *rules.Listings) {
	l.Rights.Addresses = loginmaps.Parse(t.entries(submissionName + "-" + rightsTable))
	l.Rights.Domains = loginmaps.Parse(t.entries(submissionName + "-" + domainsTable))
}
