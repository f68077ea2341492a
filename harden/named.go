package harden

import (
	"net/netip"
	"strings"

	"ucs-harden/controls"
	"ucs-harden/lists"
	"ucs-harden/mailbox"
)

// named are the addresses that the lists name: they are in the registry anyway, and the evidence does not
// reduce them to their domain or network, so that it still shows what an entry does.
type named struct {
	addresses map[string]bool // mailbox.Key
	clients   map[netip.Addr]bool
}

func namedIn(r lists.Registry) named {
	n := named{map[string]bool{}, map[netip.Addr]bool{}}
	add := func(texts ...string) {
		for _, word := range strings.Fields(strings.Join(texts, " ")) {
			if strings.Contains(word, "@") {
				n.addresses[mailbox.Key(word)] = true
			}
		}
	}
	destinations, _ := r.Get(controls.LocalOnlyDestinations)
	add(destinations)
	for _, c := range controls.All() {
		if c.List == nil {
			continue
		}
		for _, e := range c.List.Read(r) {
			add(e.Account, e.Address, e.Sender, e.Senders, e.As)
			if a, err := netip.ParseAddr(e.Client); err == nil {
				n.clients[a.Unmap()] = true
			}
		}
	}
	return n
}
