package controls

import (
	"maps"
	"slices"
	"strings"

	"ucs-harden/identity"
	"ucs-harden/lists"
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
	// Lists are the addresses of mailing lists and groups.
	Lists []string
	// Owners are all accounts that have an address and a name to log in with.
	Owners []identity.Account
}

// Questions are what the controls ask the directory.
type Questions struct {
	Controllers bool
	Servers     bool     // the mail servers
	Names       []string // accounts and addresses, each once
	Groups      []string // names or DNs
	Members     []string // those of the groups whose members count one by one
	Suspended   *Mark
	// Aside: Suspended is asked only because the mode of all controls switches the control on; no variable of its own
	// is set.
	Aside         bool
	Lists, Owners bool
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
	for _, state := range states {
		if c, known := ByName(state.Name); known && state.Active() && c.Ask != nil {
			c.Ask(r, state.After, &q)
		}
	}
	return q
}

// index has the accounts by each of their names in lower case.
func (p *People) index() map[string][]identity.Account {
	out := make(map[string][]identity.Account, 2*len(p.Accounts))
	for _, a := range p.Accounts {
		names := map[string]bool{strings.ToLower(a.UID): true}
		for _, address := range a.Addresses() {
			names[strings.ToLower(address)] = true
		}
		delete(names, "")
		for name := range names {
			out[name] = append(out[name], a)
		}
	}
	return out
}

// accountsWith are the accounts of the directory that have a name, which is a login or an address.
func (d *Desired) accountsWith(name string) []identity.Account {
	if d.names == nil {
		d.names = d.facts.People.index()
	}
	return d.names[strings.ToLower(name)]
}

// keysOf are the keys of an account in a table of senders and in a table of logins. A user may log in with the login or
// with an address.
func keysOf(a identity.Account) (senders, logins []string) {
	for _, address := range a.Addresses() {
		if lists.IsAddress(address) {
			senders = append(senders, strings.ToLower(address))
		}
	}
	logins = slices.Clone(senders)
	if lists.IsPlain(a.UID) {
		logins = append(logins, strings.ToLower(a.UID))
	}
	return senders, logins
}

// accounts are two access(5) tables about accounts, by sender address and by login. One table would not do: a login
// must not be taken for the name of a domain.
type accounts struct {
	senders, logins map[string]string
	many            int
}

func newAccounts() *accounts {
	return &accounts{senders: map[string]string{}, logins: map[string]string{}}
}

// add gives an account an action, unless the account has one.
func (t *accounts) add(a identity.Account, action string) {
	before := len(t.logins)
	senders, logins := keysOf(a)
	for _, key := range senders {
		if _, there := t.senders[key]; !there {
			t.senders[key] = action
		}
	}
	for _, key := range logins {
		if _, there := t.logins[key]; !there {
			t.logins[key] = action
		}
	}
	if len(t.logins) > before {
		t.many++
	}
}

// of returns the accounts that an entry of the list is about. If the directory has none, there is a finding, and only
// the name in the entry counts.
func (w Work) of(e lists.Entry) []identity.Account {
	if found := w.accountsWith(e.Account); len(found) > 0 {
		return found
	}
	w.warn("nobody:"+w.list.Variable(e),
		"the directory has nobody with the name "+plan.Quote(e.Account)+
			": only this very name is meant, and no other address or login of the same account",
		"if the account is gone: ucs-harden "+w.list.Verb+" remove "+plan.Quote(e.Name))
	if lists.IsAddress(e.Account) {
		return []identity.Account{{Primary: e.Account}}
	}
	return []identity.Account{{UID: e.Account}}
}

// checksOf are the checks of the two tables, by login and by sender. There are none when the tables are empty.
func (w Work) checksOf(about string, t *accounts) []string {
	if len(t.senders)+len(t.logins) == 0 {
		return nil
	}
	return []string{
		"check_sasl_access " + w.access("logins", about+" by login.", t.logins),
		"check_sender_access " + w.access("senders", about+" by sender address.", t.senders),
	}
}
