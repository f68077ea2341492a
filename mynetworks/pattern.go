package mynetworks

import (
	"fmt"
	"net/netip"
	"strings"
)

// parsePattern reads an address or network pattern; IPv6 must have brackets, IPv4 may.
func parsePattern(t string) (netip.Prefix, bool) {
	address, bits, masked := strings.Cut(t, "/")
	inner, bracketed := strings.CutPrefix(address, "[")
	if bracketed {
		var closed bool
		if inner, closed = strings.CutSuffix(inner, "]"); !closed {
			return netip.Prefix{}, false
		}
	}
	a, err := netip.ParseAddr(inner)
	if err != nil || a.Zone() != "" || a.Is6() && !bracketed {
		return netip.Prefix{}, false
	}
	if !masked {
		return netip.PrefixFrom(a, a.BitLen()), true
	}
	p, err := netip.ParsePrefix(inner + "/" + bits)
	return p, err == nil
}

// pattern prints a network as mynetworks wants it.
func pattern(p netip.Prefix) string {
	if p.Addr().Is4() {
		return p.String()
	}
	return "[" + p.Addr().String() + "]/" + p.String()[strings.LastIndexByte(p.String(), '/')+1:]
}

// readable reads a pattern that is about an address or a network, also one that Postfix cannot use: with bits behind
// the network mask, or IPv6 without brackets.
func readable(t string) (netip.Prefix, bool) {
	bare := unbracketed(t)
	if a, err := netip.ParseAddr(bare); err == nil {
		return netip.PrefixFrom(a, a.BitLen()), true
	}
	p, err := netip.ParsePrefix(bare)
	return p, err == nil
}

// ParseNetwork reads one address or network as an administrator writes it, with or without brackets. The whole Internet
// is not a network that anybody means.
func ParseNetwork(word string) (netip.Prefix, error) {
	bare := unbracketed(word)
	if a, err := netip.ParseAddr(bare); err == nil && a.Zone() == "" {
		a = a.Unmap()
		return netip.PrefixFrom(a, a.BitLen()), nil
	}
	p, err := netip.ParsePrefix(bare)
	if err != nil || p != p.Masked() {
		return p, fmt.Errorf("%q is neither an address nor a network", word)
	}
	if p.Bits() == 0 {
		return p, fmt.Errorf("%q is the whole Internet", word)
	}
	return p, nil
}

// brackets is made once: a list may have thousands of words, and is read for every test message.
var brackets = strings.NewReplacer("[", "", "]", "")

func unbracketed(word string) string { return brackets.Replace(word) }
