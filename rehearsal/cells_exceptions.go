package rehearsal

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"go4.org/netipx"

	"ucs-harden/rules"
)

// exceptions asks about exceptions from sender-spoofing, those that the plan drops included: whether the client comes
// in with the sender, and cannot relay; and whether the client with another sender, and other clients with the sender, are
// refused.
func (b *cellBuilder) exceptions() {
	if !b.onPort(25) {
		return
	}
	for _, e := range slices.Concat(firstExceptions(b.Plan.Listings), firstExceptions(b.Today.Listings)) {
		client, from := b.strangers[0], b.senders[0]
		if e.Client.IsValid() {
			if e.Client.Addr().Is6() && !b.IPv6 {
				continue
			}
			address, _ := addressOf(e.Client.String())
			client = b.callerAt("a client of the exception "+e.Name, address)
		}
		switch {
		case strings.Contains(e.Sender, "@"):
			from = sender{e.Sender + " (exception " + e.Name + ")", e.Sender, nil}
		case e.Sender != "":
			address := madeUp + "@" + e.Sender
			from = sender{address + " (exception " + e.Name + ")", address, nil}
		}
		others := []caller{b.strangers[0]}
		if beyond := netipx.RangeOfPrefix(e.Client).To().Next(); e.Client.IsValid() && beyond.IsValid() && b.speaks(beyond) {
			others = append(others, b.callerAt("a neighbour of the exception "+e.Name, beyond))
		}
		for _, c := range append(others, client) {
			b.add(c, access{port: 25}, from, b.recipients[0])
			b.add(c, access{port: 25}, from, b.elsewhere())
		}
		for _, s := range []sender{b.senders[0], b.colleague()} {
			b.add(client, access{port: 25}, s, b.recipients[0])
		}
	}
}

// firstExceptions are a few exceptions, each by its first client and sender.
func firstExceptions(l rules.Listings) []rules.Exception {
	var out []rules.Exception
	for _, e := range l.Exceptions {
		named := func(other rules.Exception) bool { return other.Name == e.Name }
		if speakable(e.Sender) && !slices.ContainsFunc(out, named) {
			out = append(out, e)
		}
	}
	return out[:min(len(out), maxSamples)]
}

// speakable reports whether a dialogue with a private Postfix can have a text: ASCII characters only.
func speakable(text string) bool {
	return !strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r > '~' })
}

// callerAt is a client at an address.
func (b *cellBuilder) callerAt(what string, address netip.Addr) caller {
	today, planned := b.clientIs(address)
	return caller{fmt.Sprintf("%s (%s)", what, address), address, "mail." + b.Foreign, b.Foreign, today, planned}
}
