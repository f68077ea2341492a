package mynetworks

import (
	"net/netip"

	"go4.org/netipx"

	"ucs-harden/hostnet"
)

// Wide are the patterns that match more clients than one company has.
func (n List) Wide() (out []netip.Prefix) {
	for _, t := range n.tokens {
		p, ok := parsePattern(t)
		inside := p.Addr().IsPrivate() || p.Addr().IsLinkLocalUnicast() // fc00::/7, fe80::/10
		if ok && p == p.Masked() && !inside && hostnet.Wide(p) {
			out = append(out, p)
		}
	}
	return out
}

// Outside is a public IPv4 address that the patterns do not match. ok is false if they match all of them.
func (c Coverage) Outside() (a netip.Addr, ok bool) {
	var rest netipx.IPSetBuilder
	rest.AddPrefix(netip.MustParsePrefix("0.0.0.0/0"))
	for _, special := range []string{ // RFC 6890, and multicast
		"0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16",
		"224.0.0.0/3",
	} {
		rest.RemovePrefix(netip.MustParsePrefix(special))
	}
	rest.RemoveSet(c.set)
	set, err := rest.IPSet()
	if err != nil || len(set.Ranges()) == 0 {
		return a, false
	}
	return set.Ranges()[0].From(), true
}
