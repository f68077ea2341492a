package controls

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"ucs-harden/identity"
	"ucs-harden/lists"
	"ucs-harden/owners"
	"ucs-harden/plan"
)

// People are the answers of the directory to the questions of Ask.
type People struct {
	// Accounts are the accounts that have one of the names of the lists.
	Accounts []identity.Account
	// Groups are the DNs of the groups of the lists, by the names that the lists have for them. A group that does not
	// exist is absent. Members are the members of the groups of local-only, by DN.
	Groups  map[string]string
	Members map[string][]identity.Account
	// Suspended are the accounts that are marked as suspended.
	Suspended []identity.Account
	// Holders are all that have one of Addresses: accounts, groups, lists and shared folders.
	Holders []identity.Account
	// Lists are the addresses of mailing lists and groups.
	Lists []string
}

// affected are the accounts that the lists, marks and groups name.
func (p *People) affected() []identity.Account {
	all := slices.Concat(p.Accounts, p.Suspended)
	for _, dn := range slices.Sorted(maps.Keys(p.Members)) {
		all = append(all, p.Members[dn]...)
	}
	return all
}

// Addresses are the addresses of the accounts that the lists, marks and groups name. Somebody else may hold them too.
func (p *People) Addresses() []string {
	var out []string
	for _, a := range p.affected() {
		out = append(out, a.Addresses()...)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// Book is what the answers say of owners.
func (p *People) Book() *owners.Book { return owners.New(slices.Concat(p.affected(), p.Holders)...) }

// book is the same, made once.
func (d *Desired) book() *owners.Book {
	if d.owners == nil {
		d.owners = d.facts.People.Book()
	}
	return d.owners
}

// Questions are what the controls ask the directory.
type Questions struct {
	Controllers bool
	Names       []string // accounts and addresses, each once
	Groups      []string // names or DNs
	Members     []string // those of the groups whose members count one by one
	Suspended   *Mark
	// Aside: Suspended is asked only because the mode of all controls switches the control on; no variable of its own
	// is set.
	Aside bool
	Lists bool
}

// Mark is what marks an account as suspended: an attribute with a value, or membership in a group (a name or a DN) if
// one is given.
type Mark struct{ Attribute, Value, Group, ReasonAttribute string }

// Ask says what the controls that are on must know of the directory.
func Ask(r Registry, states []plan.Control) Questions {
	var q Questions
	names := map[string]bool{}
	on := active(states)
	for _, c := range on {
		if c.List == nil {
			continue
		}
		for _, e := range c.List.Read(r) {
			switch {
			case c.List.Fault(e) != "":
			case e.Group != "":
				q.Members = append(q.Members, e.Group)
			default:
				names[e.Account+e.Address] = true
			}
		}
	}
	slices.Sort(q.Members)
	q.Members = slices.Compact(q.Members)
	q.Groups = slices.Clone(q.Members)
	q.Names = slices.Sorted(maps.Keys(names))
	for _, c := range on {
		if c.Ask != nil {
			c.Ask(r, &q)
		}
	}
	return q
}

// enter adds what an entry of the list is about. If it is not clear who is meant, a finding says who is.
func (w Work) enter(t *owners.Listing, e lists.Entry, action string) {
	variable, m := w.list.Variable(e), w.book().Meant(e.Account)
	switch {
	case m.Account != nil:
		t.Add(*m.Account, action)
		if len(m.Others) > 0 {
			w.warn("several:"+variable,
				fmt.Sprintf("%s means the account %s; %s as well, and it is not meant",
					plan.Quote(e.Account), whom(*m.Account), holds(m.Others)),
				"to mean another one, name it by its login: ucs-harden "+w.list.Verb+" add LOGIN")
		}
	case len(m.Others) > 0:
		t.AddAddress(e.Account, action)
		w.warn("several:"+variable,
			fmt.Sprintf("%s the address %s: none of them is meant, only mail without a login and with this sender",
				holds(m.Others), plan.Quote(e.Account)),
			"to mean one of them, name it by its login: ucs-harden "+w.list.Verb+" add LOGIN")
	default:
		w.warn("nobody:"+variable,
			"the directory has nobody with the name "+plan.Quote(e.Account)+
				": only this very name is meant, and no other address or login of the same account",
			"if the account is gone: ucs-harden "+w.list.Verb+" remove "+plan.Quote(e.Name))
		if strings.Contains(e.Account, "@") {
			t.Add(identity.Account{Primary: e.Account}, action)
		} else {
			t.Add(identity.Account{UID: e.Account}, action)
		}
	}
}

// whom names an account.
func whom(a identity.Account) string {
	if a.UID != "" {
		return plan.Quote(a.UID)
	}
	return "of the list or group " + plan.Quote(a.Primary)
}

// holds says who holds an address.
func holds(all []identity.Account) string {
	var names []string
	for _, a := range all {
		names = append(names, whom(a))
	}
	if len(names) == 1 {
		return names[0] + " has"
	}
	return strings.Join(names[:len(names)-1], ", ") + " and " + names[len(names)-1] + " have"
}

// tables are the checks of the two tables of a listing, by login and by sender. There are none when the tables are
// empty. Accounts that no table can have get a finding each.
func (w Work) tables(about string, t owners.Stopped) (logins, senders []string) {
	for _, a := range t.Missing {
		w.warn("not-stopped:"+owners.ID(a),
			fmt.Sprintf("the account %s is NOT stopped: its login or address has characters that no table can have",
				whom(a)),
			"give the account a login and addresses without control characters")
	}
	for _, a := range t.Partly {
		w.warn("not-stopped:"+owners.ID(a),
			fmt.Sprintf("the account %s is stopped by its login, but NOT by all its addresses %q: some are no mail addresses",
				whom(a), a.Addresses()),
			"correct the addresses of the account in UMC")
	}
	w.missing[w.name] += len(t.Missing)
	if len(t.Senders)+len(t.Logins) == 0 {
		return nil, nil
	}
	return w.named("logins", about+" by login.", t.Logins), w.named("senders", about+" by sender address.", t.Senders)
}
