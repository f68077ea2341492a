package rehearsal

import (
	"fmt"
	"strings"

	"ucs-harden/identity"
	"ucs-harden/mailbox"
	"ucs-harden/rules"
)

// sender is an envelope sender. The words are for a
// line of a table: of an address that is made up they say what it stands for.
type sender struct {
	words, address string
	owner          *identity.Account // by a login map of the administrator; nil: whoever the directory says
}

// recipient is one recipient.
type recipient struct {
	words, address string
	is             rules.Recipient
}

// addresses chooses the senders and recipients. The first sender is own, the
// first recipient somebody here.
func (b *cellBuilder) addresses() {
	if u := b.first(); u != nil {
		b.senders = append(b.senders, own(u),
			b.below(domainOf(u.Primary)),
			sender{strings.ToUpper(u.Primary), strings.ToUpper(u.Primary), nil})
		if len(u.Alternatives) > 0 {
			b.senders = append(b.senders, sender{u.Alternatives[0] + " (of " + u.UID + ")", u.Alternatives[0], nil})
		}
		to := b.users[min(1, len(b.users)-1)]
		b.recipients = append(b.recipients, recipient{to.Primary, to.Primary, rules.Known})
	} else {
		b.note("no user with a mail address is known: nothing is asked about logins and their addresses")
		b.senders = append(b.senders, made(b.Domains[0]), b.below(b.Domains[0]))
	}
	b.senders = append(b.senders, b.colleague(), b.foreignSender(), sender{words: "the empty sender"})
	unknown := madeUp + "-unknown@" + b.Domains[0]
	none := madeUp + "@" + nowhere
	b.recipients = append(b.recipients,
		recipient{"nobody at " + b.Domains[0], unknown, rules.Unknown},
		b.elsewhere(),
		recipient{"a missing domain", none, rules.Nowhere},
		recipient{"postmaster", "postmaster", rules.Postmaster})
}

func own(u *identity.Account) sender { return sender{u.Primary, u.Primary, nil} }

// made is an address in a hosted domain that nobody has.
func made(domain string) sender {
	address := madeUp + "@" + domain
	return sender{"nobody at " + domain, address, nil}
}

// ofThisHost are senders with a name and with an address of this server. The name is one that no hosted domain covers.
func (b *cellBuilder) ofThisHost() (out []sender) {
	for _, name := range b.Inside.Names(b.Domains)[:min(1, len(b.Inside.Names(b.Domains)))] {
		out = append(out, sender{"this server by the name " + name, madeUp + "@" + name, nil})
	}
	for _, a := range b.Inside.Literals() {
		if a.Is4() && !a.IsLoopback() {
			return append(out, sender{"this server by its address", fmt.Sprintf("%s@[%s]", madeUp, a), nil})
		}
	}
	return out
}

// below is an address in a sub-domain that is not hosted itself.
func (b *cellBuilder) below(domain string) sender {
	address := madeUp + "@" + madeUp + "." + domain
	return sender{"a sub-domain of " + domain, address, nil}
}

// colleague is the address of somebody who is not logged in.
func (b *cellBuilder) colleague() sender {
	if len(b.users) > 1 {
		u := &b.users[1]
		return sender{u.Primary + " (a colleague)", u.Primary, nil}
	}
	return made(b.Domains[len(b.Domains)-1])
}

func (b *cellBuilder) foreignSender() sender {
	address := madeUp + "@" + b.Foreign
	return sender{b.Foreign + " (elsewhere)", address, nil}
}

func (b *cellBuilder) elsewhere() recipient {
	address := madeUp + "@" + b.Foreign
	return recipient{b.Foreign + " (elsewhere)", address, rules.Elsewhere}
}

func domainOf(address string) string {
	return strings.ToLower(mailbox.Domain(address))
}
