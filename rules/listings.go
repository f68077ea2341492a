package rules

import (
	"maps"
	"net/netip"
	"slices"
	"strings"

	"ucs-harden/mailbox"
	"ucs-harden/rights"
)

// Listings are what the lists of the controls say of accounts, addresses and systems, in one configuration of Postfix.
// All keys have the form of mailbox.Key. Package controls reads them from the tables that the configuration names.
type Listings struct {
	// Stopped are the accounts that may not send in any mode, Suspended those that may not send. Bound are those that may
	// only write to Destinations: addresses and domains.
	Stopped, Suspended, Bound Accounts
	Destinations              map[string]bool
	// Insiders are the recipients that take mail from inside only. BySenders are those with a list of senders: its
	// name. Senders are the addresses and domains of each such list.
	Insiders  map[string]bool
	BySenders map[string]string
	Senders   map[string]map[string]bool
	// Systems are the clients that may only send with a sender of Inside, which are domains.
	Systems []System
	Inside  map[string]bool
	// Rights say who may write as which addresses, beyond the own ones.
	Rights rights.Rights
	// Exempt are the clients that sender-spoofing is not about.
	Exempt []netip.Prefix
	// Hosted are the hosted domains.
	Hosted []string
	// Exceptions are those in force. The first that admits a letter is the one that the mail log names.
	Exceptions []Exception
}

// Accounts are accounts by sender address and by login.
type Accounts struct{ Senders, Logins map[string]bool }

// System is a network of clients. An exempt one may send with any sender.
type System struct {
	Prefix netip.Prefix
	Exempt bool
}

// MaxLabels is how many labels in front of a domain of Listings.Inside a sender may have.
const MaxLabels = 3

// Mark fills the fields of a letter that the lists decide.
func (l Listings) Mark(letter *Letter, client netip.Addr) {
	sender, recipient, login := mailbox.Key(letter.Sender), mailbox.Key(letter.Recipient), mailbox.Key(letter.Login)
	letter.Owner = l.owner(letter)
	letter.Stopped, letter.Suspended = l.Stopped.has(login, sender), l.Suspended.has(login, sender)
	letter.Guard = l.guard(recipient, sender)
	letter.Unfitting = l.Watched(client) && !l.Fits(sender)
	letter.Exception = l.excepted(letter, client)
	if l.Bound.has(login, sender) {
		letter.Bound = Beyond
		if l.Destinations[recipient] || l.Destinations[mailbox.Domain(recipient)] {
			letter.Bound = Within
		}
	}
}

// owner is whose the sender is, rights included. A right makes the holder an owner. To everybody else the address is
// somebody's.
func (l Listings) owner(letter *Letter) Owner {
	holders := l.Rights.Holders(letter.Sender)
	own := func(login string) bool { return mailbox.Fold(login) == mailbox.Fold(letter.Login) }
	switch {
	case letter.Sender == "" || len(holders) == 0 || letter.Owner == TheLogin:
		return letter.Owner
	case letter.Login != "" && slices.ContainsFunc(holders, own):
		return TheLogin
	}
	return Somebody
}

// has reports whether an account of the list writes: by login where there is a login, else by sender.
func (a Accounts) has(login, sender string) bool {
	if login != "" {
		return a.Logins[login]
	}
	return sender != "" && a.Senders[sender]
}

// guard is what protects a recipient from a sender.
func (l Listings) guard(recipient, sender string) Guard {
	list, bySenders := l.BySenders[recipient]
	switch {
	case !bySenders && !l.Insiders[recipient]:
		return 0
	case !bySenders:
		return Insiders
	case sender == "" || !l.Senders[list][sender] && !l.Senders[list][mailbox.Domain(sender)]:
		return NotAdmitted
	case SenderOf(sender, l.Hosted) != Foreign:
		return AdmittedAsOurs
	}
	return Admitted
}

// Watched reports whether a client is a system whose senders are looked at. An exempt network counts before the others.
func (l Listings) Watched(client netip.Addr) bool {
	watched := false
	for _, s := range l.Systems {
		if s.Prefix.Contains(client.Unmap()) {
			if s.Exempt {
				return false
			}
			watched = true
		}
	}
	return watched
}

// Fits reports whether a system may use a sender, which has the form of mailbox.Key.
func (l Listings) Fits(sender string) bool {
	if !strings.Contains(sender, "@") {
		return true // none, or in this server's own domain
	}
	domain := mailbox.Domain(sender)
	for range MaxLabels + 1 {
		if l.Inside[domain] {
			return true
		}
		_, domain, _ = strings.Cut(domain, ".")
	}
	return false
}

// Samples are a few of what the lists are about, to be tried: the first of each, in the order of their names.
type Samples struct {
	// Suspended, which has those that are stopped as well, and Bound are senders and logins of accounts.
	Suspended, Bound []string
	// Destinations are domains and addresses beyond the hosted domains.
	Destinations []string
	// Insiders and BySenders are protected recipients. Admitted has a sender, or a domain of senders, for each of
	// BySenders.
	Insiders, BySenders, Admitted []string
	// Rights are logins with an address, or a domain, that each may write as.
	Rights []Right
}

// Right is a login and an address or domain that it may write as.
type Right struct{ Login, As string }

// Samples are at most n of each.
func (l Listings) Samples(n int) Samples {
	accounts := func(a Accounts) []string {
		logins := maps.Clone(a.Logins)
		maps.DeleteFunc(logins, func(login string, _ bool) bool { return strings.Contains(login, "@") })
		return slices.Concat(first(n, a.Senders), first(n, logins))
	}
	beyond := maps.Clone(l.Destinations)
	maps.DeleteFunc(beyond, func(to string, _ bool) bool { return SenderOf(to, l.Hosted) != Foreign })
	s := Samples{
		Suspended: slices.Concat(accounts(l.Stopped), accounts(l.Suspended)), Bound: accounts(l.Bound), Destinations: first(n, beyond),
		Insiders: first(n, l.Insiders), BySenders: first(n, l.BySenders),
	}
	for _, recipient := range s.BySenders {
		s.Admitted = append(s.Admitted, append(first(1, l.Senders[l.BySenders[recipient]]), "")[0])
	}
	for _, rights := range []map[string][]string{l.Rights.Addresses, l.Rights.Domains} {
		for _, as := range first(n, rights) {
			s.Rights = append(s.Rights, Right{rights[as][0], as})
		}
	}
	return s
}

// first are at most n names. A dialogue with a private Postfix can have names of ASCII characters only.
func first[V any](n int, m map[string]V) []string {
	keys := slices.DeleteFunc(slices.Sorted(maps.Keys(m)), func(name string) bool {
		return strings.ContainsFunc(name, func(r rune) bool { return r < ' ' || r > '~' })
	})
	return keys[:min(n, len(keys))]
}
