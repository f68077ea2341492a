package owners

import (
	"fmt"

	"ucs-harden/identity"
	"ucs-harden/mailbox"
)

// Listing gives accounts an action in two access(5) tables: by login and by sender address. One table would not do: a
// login must not be taken for the name of a domain.
type Listing struct {
	book    *Book
	set     Set // all accounts that are stopped, also by other means than these tables
	listed  Set
	entries []entry
	named   []entry
	quoted  []entry
}

type entry struct {
	account identity.Account
	action  string
	of      string // where it is from
}

// NewListing begins a listing of accounts that a book knows. elsewhere are accounts that are stopped by other means: an
// address that they share with an account of the listing is still theirs alone.
func NewListing(b *Book, elsewhere ...identity.Account) *Listing {
	return &Listing{book: b, set: SetOf(elsewhere...), listed: Set{}}
}

// Add gives an account an action, unless the account has one. of tells where the account is from, such as the name of an
// entry of a list.
func (l *Listing) Add(a identity.Account, action, of string) {
	if id := ID(a); !l.listed[id] {
		l.set[id], l.listed[id] = true, true
		l.entries = append(l.entries, entry{a, action, of})
	}
}

// AddAll gives several accounts an action.
func (l *Listing) AddAll(accounts []identity.Account, action, of string) {
	for _, a := range accounts {
		l.Add(a, action, of)
	}
}

// AddAddress gives an action to an address as a sender, whoever holds it.
func (l *Listing) AddAddress(address, action, of string) {
	l.named = append(l.named, entry{identity.Account{Primary: address}, action, of})
}

// AddQuoted gives an action to the quoted addresses that an account has alone, as senders. The account itself is stopped
// by other means. The directory has such an address in quotes, and smtpd(8) asks an LDAP map without.
func (l *Listing) AddQuoted(a identity.Account, action, of string) {
	for _, address := range a.Addresses() {
		if mailbox.Unquote(address) != address {
			l.quoted = append(l.quoted, entry{identity.Account{Primary: address}, action, of})
		}
	}
}

// Stopped are the contents of the two tables, by keys of the form mailbox.Key.
type Stopped struct {
	Logins, Senders map[string]string
	// LoginsOf and SendersOf tell where a key is from.
	LoginsOf, SendersOf map[string]string
	// Accounts is how many accounts and addresses the tables hold.
	Accounts int
	// Missing are accounts of which no name, or not the login, can be in a table: they are not stopped. Partly are
	// those with such an address.
	Missing, Partly []identity.Account
}

// Tables are the two tables.
func (l *Listing) Tables() Stopped {
	t := Stopped{
		Logins: map[string]string{}, Senders: map[string]string{},
		LoginsOf: map[string]string{}, SendersOf: map[string]string{},
	}
	enter := func(table, of map[string]string, names []string, e entry) {
		for _, name := range names {
			if _, there := table[name]; there || !mailbox.Speakable(name) {
				continue
			}
			table[name] = e.action
			if e.of != "" {
				of[name] = e.of
			}
		}
	}
	for _, e := range l.entries {
		names := l.book.Names(e.account, l.set)
		enter(t.Logins, t.LoginsOf, names.Logins, e)
		enter(t.Senders, t.SendersOf, names.Senders, e)
		switch {
		case !usable(e.account):
			t.Missing = append(t.Missing, e.account)
			continue
		case !allUsable(e.account.Addresses()):
			t.Partly = append(t.Partly, e.account)
		}
		t.Accounts++
	}
	for _, e := range l.quoted {
		if l.book.Alone(e.account.Primary, l.set) {
			enter(t.Senders, t.SendersOf, []string{mailbox.Key(e.account.Primary)}, e)
		}
	}
	for _, e := range l.named {
		enter(t.Senders, t.SendersOf, []string{mailbox.Key(e.account.Primary)}, e)
		t.Accounts++
	}
	return t
}

// Fault says of an account what of it is not stopped.
type Fault struct{ About, Text, Hint string }

// Faults are those of Missing and Partly.
func (t *Stopped) Faults() []Fault {
	var out []Fault
	for _, a := range t.Missing {
		out = append(out, Fault{
			ID(a),
			"the account " + a.String() + " is NOT stopped: its login or address has characters that no table can have",
			"give the account a login and addresses without control characters",
		})
	}
	for _, a := range t.Partly {
		out = append(out, Fault{
			ID(a),
			fmt.Sprintf("the account %s is stopped by its login, but NOT by all its addresses %q: some are no mail addresses",
				a, a.Addresses()),
			"correct the addresses of the account in UMC",
		})
	}
	return out
}

// usable reports whether the tables can stop an account: they can have its login, or it has none and they can have its
// addresses.
func usable(a identity.Account) bool {
	if a.UID != "" {
		return mailbox.Speakable(a.UID)
	}
	return len(a.Addresses()) > 0 && allUsable(a.Addresses())
}

func allUsable(addresses []string) bool {
	for _, address := range addresses {
		if !mailbox.IsAny(address) {
			return false
		}
	}
	return true
}
