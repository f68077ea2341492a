package owners

import (
	"slices"

	"ucs-harden/identity"
	"ucs-harden/mailbox"
)

// Set are accounts, such as those that may not send.
type Set map[string]bool

// SetOf makes a set.
func SetOf(accounts ...identity.Account) Set {
	s := Set{}
	for _, a := range accounts {
		s[ID(a)] = true
	}
	return s
}

// Has reports whether an account is in the set.
func (s Set) Has(a identity.Account) bool { return s[ID(a)] }

// Alone reports whether an address belongs to accounts of the set and to nobody else. An address that nobody holds does.
func (b *Book) Alone(address string, in Set) bool {
	return !slices.ContainsFunc(b.Of(address), func(a identity.Account) bool { return !in.Has(a) })
}

// Names are the names by which smtpd(8) knows an account. All have the form of mailbox.Key.
type Names struct {
	// Logins are the names after a login: the uid, and the addresses with which nobody outside the set logs in.
	Logins []string
	// Senders are the addresses that belong to nobody outside the set. Shared are the others.
	Senders, Shared []string
}

// Names are the names of an account of a set.
func (b *Book) Names(a identity.Account, in Set) Names {
	var n Names
	if a.UID != "" {
		n.Logins = append(n.Logins, mailbox.Key(a.UID))
	}
	for _, address := range a.Addresses() {
		key := mailbox.Key(address)
		if b.Alone(address, in) {
			n.Senders = append(n.Senders, key)
		} else {
			n.Shared = append(n.Shared, key)
		}
		primary := key == mailbox.Key(a.Primary)
		outside := slices.ContainsFunc(b.LogsIn(address), func(who identity.Account) bool { return !in.Has(who) })
		if !outside && (primary || b.Alone(address, in)) && !slices.Contains(n.Logins, key) {
			n.Logins = append(n.Logins, key)
		}
	}
	return n
}

// Meaning is what a name in a list means.
type Meaning struct {
	// Account is the account that is meant, nil when only the name itself counts.
	Account *identity.Account
	// Others hold the name as an address as well. They are not meant.
	Others []identity.Account
}

// Meant says what a login or an address in a list means: the account with this login; else the account with this
// primary address; else the only holder of the address. An address with several holders means none of them, only the
// address.
func (b *Book) Meant(name string) Meaning {
	holders := b.Of(name)
	found := b.LogsIn(name)
	if len(found) == 0 {
		found = holders
	}
	if len(found) != 1 {
		return Meaning{Others: holders}
	}
	others := slices.DeleteFunc(slices.Clone(holders), func(a identity.Account) bool { return Same(a, found[0]) })
	return Meaning{&found[0], others}
}
