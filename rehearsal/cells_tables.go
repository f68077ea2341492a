package rehearsal

import (
	"net/netip"
	"slices"
	"strings"

	"ucs-harden/identity"
	"ucs-harden/owners"
	"ucs-harden/samples"
)

// MaxEntries is how many entries of one of the administrator's tables the matrix asks about.
const MaxEntries = 3

// tables asks about what the administrator's own tables treat in their own way, from where it matters: what they permit
// or refuse today is to stay so.
func (b *cellBuilder) tables() {
	before := len(b.cells)
	for _, e := range b.Entries {
		switch e.Table.Kind {
		case samples.Client:
			b.fromClient(e)
		case samples.Login:
			b.fromLogin(e.Key, b.foreignSender(), b.owner(e.Key))
		case samples.Sender:
			if s, ok := b.senderOf(e.Key); ok {
				b.fromSender(s)
			}
		case samples.Recipient:
			if s, ok := b.senderOf(e.Key); ok {
				b.toRecipient(s.address)
			}
		case samples.Owned:
			b.ownedBy(e)
		}
	}
	for i := range b.cells[before:] {
		b.cells[before+i].OfTable = true
	}
}

// senderOf is an address that an entry of an access table is about: "a@b", "b" and ".b" for a domain, "a@" for any
// domain, "<>" for no address (access(5)).
func (b *cellBuilder) senderOf(key string) (sender, bool) {
	address := key
	local, domain, found := strings.Cut(key, "@")
	switch {
	case key == "<>":
		address = ""
	case found && domain == "":
		address = local + "@" + b.Foreign
	case !found && strings.HasPrefix(key, "."):
		address = madeUp + "@" + madeUp + key
	case !found:
		address = madeUp + "@" + key
	}
	if strings.ContainsAny(address, "<>\" ") {
		return sender{}, false
	}
	words := address
	if address == "" {
		words = "the empty sender"
	}
	return sender{words, address, nil}, true
}

// fromSender lets everybody write as a sender of a table.
func (b *cellBuilder) fromSender(s sender) {
	for _, c := range slices.Concat(b.strangers[:1], firstOf(b.unlisted), firstOf(b.listed)) {
		if b.onPort(25) {
			b.add(c, access{port: 25}, s, b.recipients[0])
			b.add(c, access{port: 25}, s, b.elsewhere())
		}
	}
	for _, port := range []int{465, 587} {
		for _, a := range b.ways(port, b.first()) {
			b.add(b.strangers[0], a, s, b.recipients[0])
		}
	}
}

// toRecipient lets everybody write to a recipient of a table.
func (b *cellBuilder) toRecipient(address string) {
	if address == "" {
		return
	}
	r := recipient{address, address, b.recipientIs(address, owners.New(b.People...))}
	for _, c := range slices.Concat(b.strangers[:1], firstOf(b.unlisted), firstOf(b.listed)) {
		if b.onPort(25) {
			b.add(c, access{port: 25}, b.foreignSender(), r)
		}
	}
	for _, a := range b.ways(587, b.first()) {
		b.add(b.strangers[0], a, b.senders[0], r)
	}
}

// fromClient lets a client of a table write: an address, the first octets of one, a network, or a name.
func (b *cellBuilder) fromClient(e samples.Entry) {
	name := "unknown." + b.Foreign
	address, ok := addressOf(e.Key)
	if !ok && strings.ContainsAny(e.Key, "abcdefghijklmnopqrstuvwxyz") && !strings.Contains(e.Key, ":") {
		address, ok = documentation[1], true
		name = strings.TrimPrefix(e.Key, ".")
		if strings.HasPrefix(e.Key, ".") {
			name = madeUp + e.Key
		}
	}
	if !ok || address.Is6() && !b.IPv6 {
		return
	}
	today, planned := b.clientIs(address)
	c := caller{"the client " + e.Key + " (" + address.String() + ")", address, name, name, today, planned}
	for _, port := range []int{25, 587} {
		for _, a := range b.ways(port, nil) {
			b.add(c, a, b.foreignSender(), b.recipients[0])
			b.add(c, a, b.senders[0], b.recipients[0])
			b.add(c, a, b.foreignSender(), b.elsewhere())
		}
	}
}

// addressOf is an address that an entry of a table of clients is about.
func addressOf(key string) (netip.Addr, bool) {
	if network, err := netip.ParsePrefix(key); err == nil {
		a := network.Masked().Addr()
		if !network.IsSingleIP() {
			a = a.Next()
		}
		return a, true
	}
	if strings.Trim(key, "0123456789.") == "" && key != "" {
		for strings.Count(key, ".") < 3 { // an access table has networks as the first octets
			key += ".1"
		}
	}
	a, err := netip.ParseAddr(key)
	return a, err == nil
}

// owner is the account with a login or an address, nil when none is known or several are.
func (b *cellBuilder) owner(name string) *identity.Account { return b.book.Meant(name).Account }

// fromLogin lets somebody log in.
func (b *cellBuilder) fromLogin(login string, from sender, account *identity.Account) {
	if account == nil {
		account = &identity.Account{UID: login} // nobody that the directory knows
	} else if from.owner == nil && account.Primary != "" {
		from = own(account)
	}
	for _, port := range []int{465, 587} {
		if _, there := b.Today.Ports[port]; there && b.onPort(port) && (b.Plan.Ports[port] || b.Today.Ports[port]) {
			a := access{port, login, account, ""}
			b.add(b.strangers[0], a, from, b.recipients[0])
			b.add(b.strangers[0], a, from, b.elsewhere())
		}
	}
}

// ownedBy lets the owners in a login map write as their sender, and somebody who does not own it.
func (b *cellBuilder) ownedBy(e samples.Entry) {
	s, ok := b.senderOf(e.Key)
	if !ok {
		return
	}
	logins := e.Owners()
	for _, login := range logins[:min(2, len(logins))] {
		account := b.owner(login)
		if account == nil {
			account = &identity.Account{UID: login}
		}
		from := s
		from.owner = account // as long as this map is in force
		b.fromLogin(login, from, account)
	}
	b.fromSender(s)
}
