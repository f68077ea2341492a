package controls

import (
	"strings"

	"ucs-harden/access"
	"ucs-harden/identity"
	"ucs-harden/rules"
)

// Tables are the tables that the restriction lists of a configuration name.
type Tables struct {
	restrictions string
	read         func(path string) []byte
	people       People
}

// ReadListings reads what the lists in force say. restrictions is the text of main.cf and master.cf. read
// gives the tables, nil for one that does not exist. Where a restriction asks an LDAP map, people stand for its
// answers.
func ReadListings(restrictions string, read func(path string) []byte, people People, domains []string) rules.Listings {
	l := rules.Listings{Hosted: domains}
	for _, c := range all {
		if c.Listings != nil {
			c.Listings(Tables{restrictions, read, people}, &l)
		}
	}
	return l
}

// entries are the keys and actions of a table in our folder. There are none when no restriction names the table.
func (t Tables) entries(name string) map[string]string {
	out := map[string]string{}
	if strings.Contains(t.restrictions, table(name)) {
		for _, e := range access.Parse(t.read(table(name))) {
			out[e.Key] = e.Action
		}
	}
	return out
}

func (t Tables) keys(name string) map[string]bool {
	out := map[string]bool{}
	for key := range t.entries(name) {
		out[key] = true
	}
	return out
}

// accounts are the accounts in the two tables of a control, and those that its LDAP maps find, if a restriction asks
// these.
func (t Tables) accounts(control string, live ...identity.Account) rules.Accounts {
	out := rules.Accounts{Senders: t.keys(control + "-senders"), Logins: t.keys(control + "-logins")}
	if !strings.Contains(t.restrictions, "ldap:"+mapPrefix+control) {
		return out
	}
	for _, a := range live {
		senders, logins := keysOf(a)
		for _, key := range senders {
			out.Senders[key] = true
		}
		for _, key := range logins {
			out.Logins[key] = true
		}
	}
	return out
}
