package hostnet

import (
	"net/netip"
	"slices"
)

// Kind is what an address can be used for (IANA special-purpose address registries, RFC 6890).
type Kind int

const (
	// Public: reachable from the Internet.
	Public Kind = iota
	// Private: of a network that the Internet does not reach, such as 10.0.0.0/8 or fd00::/8.
	Private
	// Unusable: no other host can connect from it.
	Unusable
)

// private are the networks that the Internet does not reach.
var private = prefixes(
	"10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", // RFC 1918
	"100.64.0.0/10",       // RFC 6598, shared by a provider with its customers
	"127.0.0.0/8",         // RFC 1122
	"169.254.0.0/16",      // RFC 3927
	"198.18.0.0/15",       // RFC 2544
	"::1/128", "fc00::/7", // RFC 4291, RFC 4193
	"fe80::/10", // RFC 4291
)

// unusable are the networks from which no other host writes.
var unusable = prefixes(
	"0.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "224.0.0.0/4", "240.0.0.0/4", // RFC 1122, 3927, 5771
	"192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", // RFC 5737, documentation
	"::/128", "::1/128", "fe80::/10", "ff00::/8", // RFC 4291
	"2001:db8::/32", "3fff::/20", // RFC 3849, RFC 9637, documentation
	"100::/64", // RFC 6666, discard
)

func prefixes(words ...string) []netip.Prefix {
	out := make([]netip.Prefix, len(words))
	for i, word := range words {
		out[i] = netip.MustParsePrefix(word)
	}
	return out
}

// KindOf is the kind of an address.
func KindOf(a netip.Addr) Kind {
	a = a.Unmap().WithZone("")
	within := func(p netip.Prefix) bool { return p.Contains(a) }
	switch {
	case slices.ContainsFunc(unusable, within):
		return Unusable
	case slices.ContainsFunc(private, within):
		return Private
	}
	return Public
}

// Reachable reports whether the Internet may reach any address of a network.
func Reachable(p netip.Prefix) bool {
	return !slices.ContainsFunc(private, func(q netip.Prefix) bool { return q.Bits() <= p.Bits() && q.Contains(p.Addr()) })
}

// Wide reports whether a network is larger than any that one organisation has for itself: wider than /8 in IPv4, than
// /32 in IPv6.
func Wide(p netip.Prefix) bool {
	if p.Addr().Is4() {
		return p.Bits() < 8
	}
	return p.Bits() < 32
}
