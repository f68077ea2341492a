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
			// smtpd(8) looks up a login as the client has typed it; only addresses lose their quotes before.
			if typed := mailbox.Fold(address); typed != key {
				n.Logins = append(n.Logins, typed)
			}
		}
	}
	return n
}

// Mailbox are the addresses by which mail reaches whoever has an address. If a single account or list has it, Senders are
// all addresses that it has alone, and Shared the others. An address that several have stands for itself.
func (b *Book) Mailbox(address string) Names {
	holders := b.Of(address)
	if len(holders) != 1 {
		return Names{Senders: []string{mailbox.Key(address)}}
	}
	return b.Names(holders[0], SetOf(holders[0]))
}
