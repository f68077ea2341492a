package controls

import (
	"slices"
	"strings"

	"ucs-harden/access"
	"ucs-harden/identity"
	"ucs-harden/owners"
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

// entries are the keys and actions of a table in our folder, and of the patterns beside it. There are none when no
// restriction names the table.
func (t Tables) entries(name string) map[string]string {
	out := map[string]string{}
	if !strings.Contains(t.restrictions, table(name)) {
		return out
	}
	for _, e := range slices.Concat(
		access.Parse(t.read(table(name))), access.ParsePatterns(t.read(table(name)+".regexp")),
	) {
		out[e.Key] = e.Action
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
	book, set := t.people.Book(), owners.SetOf(live...)
	for _, a := range live {
		names := book.Names(a, set)
		for _, key := range names.Senders {
			out.Senders[key] = true
		}
		for _, key := range names.Logins {
			out.Logins[key] = true
		}
	}
	return out
}
