// Package owners knows whose an address is and which addresses a login has:
//
//	an address   has any number of holders: accounts, groups, mailing lists, shared folders
//	an account   has one login (uid), a primary address, which is its alone, and alternative addresses, which others
//	             may have as well
//	a login      is the uid or the primary address
//
// A control that stops accounts stops them by login where there is a login. Without a login the sender is all there is.
// There the control stops what is the accounts' alone: an address that somebody else holds too is not evidence of who
// writes.
//
// All names are compared as Postfix does, by mailbox.Key.
package owners

import (
	"slices"

	"ucs-harden/identity"
	"ucs-harden/mailbox"
)

// Book is what is known of accounts and their addresses. The zero Book knows nobody.
type Book struct {
	all       []identity.Account
	at        map[string]int   // place in all, by ID
	byAddress map[string][]int // places in all, by key of the address
	byUID     map[string][]int
	byPrimary map[string][]int
}

// New makes a book of the answers of the directory. An account that occurs several times counts once.
func New(accounts ...identity.Account) *Book {
	b := &Book{
		at: map[string]int{}, byAddress: map[string][]int{}, byUID: map[string][]int{}, byPrimary: map[string][]int{},
	}
	for _, a := range accounts {
		b.add(a)
	}
	return b
}

func (b *Book) add(a identity.Account) {
	id := ID(a)
	i, known := b.at[id]
	if !known {
		i = len(b.all)
		b.all = append(b.all, identity.Account{UID: a.UID})
		b.at[id] = i
	}
	if id == "" {
		return
	}
	enter := func(index map[string][]int, name string) {
		key := mailbox.Key(name)
		if name != "" && !slices.Contains(index[key], i) {
			index[key] = append(index[key], i)
		}
	}
	enter(b.byUID, a.UID)
	enter(b.byPrimary, a.Primary)
	for _, address := range a.Addresses() {
		enter(b.byAddress, address)
	}
	have := &b.all[i]
	if have.Primary == "" {
		have.Primary = a.Primary
	}
	if have.Reason == "" {
		have.Reason = a.Reason
	}
	if have.DN == "" {
		have.DN = a.DN
	}
	for _, address := range a.Addresses() {
		if !have.Owns(address) {
			have.Alternatives = append(have.Alternatives, address)
		}
	}
}

// ID is what tells an account from all others: its login, or for an entry without one its address.
func ID(a identity.Account) string {
	switch {
	case a.UID != "":
		return "login " + mailbox.Key(a.UID)
	case len(a.Addresses()) > 0:
		return "address " + mailbox.Key(a.Addresses()[0])
	}
	return ""
}

// Same reports whether two answers are about the same account.
func Same(a, b identity.Account) bool { return ID(a) == ID(b) }

// All are the accounts, in the order in which they were given.
func (b *Book) All() []identity.Account { return slices.Clone(b.all) }

// Of are the holders of an address: accounts, and groups, lists and shared folders, which have no UID.
func (b *Book) Of(address string) []identity.Account {
	return b.pick(b.byAddress[mailbox.Key(address)])
}

// LogsIn are the accounts that log in with a name: those with this uid. If there are none, those with this primary
// address.
func (b *Book) LogsIn(login string) []identity.Account {
	key := mailbox.Key(login)
	if found := b.byUID[key]; len(found) > 0 {
		return b.pick(found)
	}
	return slices.DeleteFunc(b.pick(b.byPrimary[key]), func(a identity.Account) bool { return a.UID == "" })
}

// Addresses are the addresses that belong to a login.
func (b *Book) Addresses(login string) []string {
	var out []string
	for _, a := range b.LogsIn(login) {
		out = append(out, a.Addresses()...)
	}
	return out
}

// Owns reports whether an address belongs to a login.
func (b *Book) Owns(login, address string) bool {
	return slices.ContainsFunc(b.LogsIn(login), func(a identity.Account) bool { return a.Owns(address) })
}

func (b *Book) pick(places []int) []identity.Account {
	var out []identity.Account
	for _, i := range places {
		out = append(out, b.all[i])
	}
	return out
}
