package mynetworks

import (
	"net/netip"
	"strings"
)

// Fault is what is wrong with one pattern, as measured on Postfix 3.7.
type Fault string

const (
	HostBits    Fault = "host-bits"
	Unbracketed Fault = "unbracketed"
	Semicolon   Fault = "semicolon"
	NoAddress   Fault = "no-address"
	NoNetwork   Fault = "no-network"
)

// Faults are all of them.
var Faults = []Fault{HostBits, Unbracketed, Semicolon, NoAddress, NoNetwork}

// Meaning says what Postfix does with the fault.
func (k Fault) Meaning() string {
	switch k {
	case HostBits:
		return "bits are set behind the network mask; Postfix answers every client with 451 4.3.0 Temporary lookup failure"
	case Unbracketed:
		return "an IPv6 address without brackets; Postfix answers every client with 451 4.3.0 Temporary lookup failure"
	case NoNetwork:
		return "neither an address nor a network; Postfix answers with 451 4.3.0 Temporary lookup failure"
	case Semicolon:
		return "a semicolon does not separate patterns; it matches nobody, not even this machine"
	}
	return "not an address; it never matches"
}

// Problem is a faulty pattern.
type Problem struct {
	Kind  Fault
	Token string
}

// Hint says how to mend the pattern.
func (p Problem) Hint() string {
	switch p.Kind {
	case HostBits:
		if net, ok := parsePattern(strings.TrimLeft(p.Token, "!")); ok {
			address := netip.PrefixFrom(net.Addr(), net.Addr().BitLen())
			return "write " + pattern(net.Masked()) + " for the network, or " + pattern(address) + " for the one address"
		}
	case Unbracketed:
		return "put the address into brackets: [fd99::1]/128"
	case Semicolon:
		return "separate the patterns with blanks or commas"
	}
	return "correct or remove the pattern: ucr set " + Variable + "=…"
}

// Problems are the faulty patterns in their order.
func (n List) Problems() []Problem {
	var out []Problem
	for _, t := range n.tokens {
		if fault := judgePattern(strings.TrimLeft(t, "!")); fault != "" {
			out = append(out, Problem{fault, t})
		}
	}
	return out
}

func judgePattern(t string) Fault {
	if strings.Contains(t, ";") {
		return Semicolon
	}
	if p, ok := parsePattern(t); ok {
		if p != p.Masked() {
			return HostBits
		}
		return ""
	}
	if strings.HasPrefix(t, "/") || isTable(t) {
		return ""
	}
	address, _, _ := strings.Cut(t, "/")
	if a, err := netip.ParseAddr(address); err == nil && a.Is6() {
		return Unbracketed
	}
	if strings.Trim(t, "0123456789./") != "" && !strings.HasPrefix(t, "[") {
		return ""
	}
	if strings.Contains(t, "/") {
		return NoNetwork
	}
	return NoAddress
}

// isTable tells a lookup table (hash:/etc/postfix/networks) from an IPv6 address: the type of a table is a word, and
// what follows it is no number.
func isTable(t string) bool {
	typ, name, ok := strings.Cut(t, ":")
	_, notAddress := netip.ParseAddr(t)
	address, _, _ := strings.Cut(t, "/")
	_, notNetwork := netip.ParseAddr(address)
	isWord := typ != "" && strings.Trim(typ, "abcdefghijklmnopqrstuvwxyz") == ""
	return ok && isWord && name != "" && notAddress != nil && notNetwork != nil
}
