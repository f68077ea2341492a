package controls

import (
	"ucs-harden/access"
	"ucs-harden/rights"
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

// withRights is a login map together with the owners by right, and add adds the tables of the rights.
func (c submission) withRights(loginMap string) (value string, add func()) {
	source := sendas.Compile(sendas.Source{
		Entries: c.listed(), Book: c.book(), Groups: c.facts.People.Sharing,
		All: c.facts.Registry.IsTrue(sendas.GroupSenders), Delimiter: c.facts.Delimiter,
		Hosted: hostedDomains(c.facts.Registry),
	})
	c.findAll(source.Findings)
	tables, path := []string{loginMap}, table(submissionName+"-")
	if len(source.Addresses) > 0 {
		tables = append(tables, defaultTableType+":"+path+rightsTable)
		if _, patterns := access.Split(rights.Entries(source.Addresses), nil); len(patterns) > 0 {
			tables = append(tables, "regexp:"+path+rightsTable+".regexp")
		}
	}
	if len(source.Domains) > 0 {
		tables = append(tables, rights.Domains("regexp:"+path+"sender-domain.regexp", defaultTableType+":"+path+domainsTable))
	}
	return rights.Union(tables...), func() {
		if source.Many > 0 {
			c.busy[c.name] = source.Many
		}
		if len(source.Addresses) > 0 {
			c.named(rightsTable, "Who may write as further addresses.", rights.Entries(source.Addresses))
		}
		if len(source.Domains) > 0 {
			c.patterns("sender-domain", "Gives the domain of a sender.", rights.DomainOf(c.facts.Delimiter))
			c.access(domainsTable, "Who may write as further domains.", rights.Entries(source.Domains))
		}
	}
}

// readSendAs reads the tables of rights.
func readSendAs(t Tables, l *rules.Listings) {
	l.Rights.Addresses = rights.Parse(t.entries(submissionName + "-" + rightsTable))
	l.Rights.Domains = rights.Parse(t.entries(submissionName + "-" + domainsTable))
}
