package mynetworks

import (
	"net/netip"
	"slices"
	"strings"

	"go4.org/netipx"
)

// Coverage is the set of addresses that the patterns of a list match. Of the patterns that match an address the first
// one decides, so an exception ("!") counts where it stands. Tables and host names are not looked into.
type Coverage struct{ set *netipx.IPSet }

// Coverage computes the set once, for many questions.
func (n List) Coverage() Coverage {
	var matched netipx.IPSetBuilder
	for _, t := range slices.Backward(n.tokens) {
		bare := strings.TrimLeft(t, "!")
		q, ok := parsePattern(bare)
		switch {
		case !ok || q != q.Masked():
		case (len(t)-len(bare))%2 == 1:
			matched.RemovePrefix(q)
		default:
			matched.AddPrefix(q)
		}
	}
	set, err := matched.IPSet()
	if err != nil {
		set = new(netipx.IPSet) // cannot be: the prefixes are parsed; then nothing is covered
	}
	return Coverage{set}
}

// CoversAll reports whether the patterns match every address of a network.
func (c Coverage) CoversAll(p netip.Prefix) bool { return c.set.ContainsPrefix(p) }

// Overlaps reports whether the patterns match some address of a network.
func (c Coverage) Overlaps(p netip.Prefix) bool { return c.set.OverlapsPrefix(p) }

// Covers reports whether the patterns match an address.
func (c Coverage) Covers(a netip.Addr) bool { return c.CoversAll(netip.PrefixFrom(a, a.BitLen())) }

// Covers reports whether the patterns match an address, see Coverage.
func (n List) Covers(a netip.Addr) bool { return n.Coverage().Covers(a) }

// Prefixes are the addresses and networks among the patterns, each once, in their order. Exceptions are not among them.
func (n List) Prefixes() []netip.Prefix {
	var out []netip.Prefix
	seen := map[netip.Prefix]bool{}
	for _, t := range n.tokens {
		if p, ok := readable(t); ok && !seen[p] {
			seen[p] = true
			out = append(out, p)
		}
	}
	return out
}

// Opaque reports whether a table, a file or a name is among the patterns: which addresses it matches is not known.
func (n List) Opaque() bool {
	return slices.ContainsFunc(n.tokens, func(t string) bool {
		_, ok := readable(strings.TrimLeft(t, "!"))
		return !ok
	})
}
