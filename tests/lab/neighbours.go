package lab

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
)

// neighbour is a machine that a host plays: a further address of the host's card, and a name of its own. To the mail
// server it is a machine like any other, and it costs no namespace.
type neighbour struct {
	fqdn string // forward-confirmed; "" for none
	host string
	addr string
}

// neighbours are the machines of the package comment, by name.
var neighbours = map[string]neighbour{
	"printer":  {"printer.company.my", "inside", "10.99.1.60"},
	"files":    {"files.company.my", "inside", "10.99.1.40"},
	"mail2":    {"mail2.company.my", "inside", "10.99.1.25"},
	"provider": {"mta1.newsletter.example", "outside", "198.51.100.80"},
	"forger":   {"", "outside", "198.51.100.66"},
	"lists":    {"lists.example", "mx", "198.51.100.90"},
}

// farNetwork is the network of the machines that are neither in the lan nor in the wan. The hosts of the wan reach it
// without a router.
var farNetwork = netip.MustParsePrefix("198.51.100.0/24")

// Address is the address of a host or a machine. For a host that is in both networks, this is the address in the
// company.
func Address(name string) netip.Addr {
	if m, ok := neighbours[name]; ok {
		return netip.MustParseAddr(m.addr)
	}
	return netip.MustParsePrefix(topology[name].plugs[0].addresses[0]).Addr()
}

// at is the host that plays a machine; a host plays itself.
func at(name string) string {
	if m, ok := neighbours[name]; ok {
		return m.host
	}
	return name
}

// furtherAddresses are the commands for ip(8) that give a card of a host the addresses of the machines that it
// plays.
func furtherAddresses(host, network, card string) string {
	var cards strings.Builder
	var names []string
	for name, m := range neighbours {
		if m.host == host {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for _, name := range names {
		fmt.Fprintf(&cards, "address add %s/32 dev %s\n", neighbours[name].addr, card)
	}
	if network == "wan" {
		fmt.Fprintf(&cards, "route add %s dev %s\n", farNetwork, card)
	}
	return cards.String()
}
