package baseline

import (
	"net/netip"
	"slices"
	"strings"

	"go4.org/netipx"
)

// Networks is the value of mynetworks: patterns separated by commas and
// blanks, as postconf(5) describes. It is lossless: what is not touched is
// printed as it was read.
//
//	pattern = address | network "/" bits      IPv6 in brackets: [fd99::]/64
//	        | type ":" table | "/" file       kept, not looked into
//	        | "!" pattern                     an exception
//	        | host name                       kept, not resolved
type Networks struct {
	text   string // as read, less what was taken out
	tokens []string
}

// Fault is what is wrong with one pattern, as measured on Postfix 3.7.
type Fault string

const (
	HostBits    Fault = "host-bits"
	Unbracketed Fault = "unbracketed"
	Semicolon   Fault = "semicolon"
	NoAddress   Fault = "no-address"
)

// Meaning says what Postfix does with the fault.
func (k Fault) Meaning() string {
	switch k {
	case HostBits:
		return "bits are set behind the network mask; Postfix answers every client with 451 4.3.0 Temporary lookup failure"
	case Unbracketed:
		return "an IPv6 address without brackets; Postfix answers every client with 451 4.3.0 Temporary lookup failure"
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
		bare := strings.NewReplacer("[", "", "]", "").Replace(p.Token)
		if net, err := netip.ParsePrefix(bare); err == nil {
			return "write " + pattern(net.Masked()) + " for the network, or " + pattern(netip.PrefixFrom(net.Addr(), net.Addr().BitLen())) + " for the one address"
		}
	case Unbracketed:
		return "put the address into brackets: [fd99::1]/128"
	case Semicolon:
		return "separate the patterns with blanks or commas"
	}
	return "correct or remove the pattern: ucr set " + networksVariable + "=…"
}

// ParseNetworks reads a value; every text is one.
func ParseNetworks(value string) Networks {
	return Networks{text: value, tokens: strings.FieldsFunc(value, separator)}
}

func separator(r rune) bool { return r == ',' || r == ' ' || r == '\t' || r == '\n' || r == '\r' }

// Problems are the faulty patterns in their order.
func (n Networks) Problems() []Problem {
	var out []Problem
	for _, t := range n.tokens {
		if fault := judge(strings.TrimLeft(t, "!")); fault != "" {
			out = append(out, Problem{fault, t})
		}
	}
	return out
}

func judge(t string) Fault {
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
	if strings.Trim(t, "0123456789./") == "" || strings.HasPrefix(t, "[") {
		return NoAddress
	}
	return ""
}

// isTable tells a lookup table (hash:/etc/postfix/networks) from an IPv6
// address: the type of a table is a word, and what follows it is no number.
func isTable(t string) bool {
	typ, name, ok := strings.Cut(t, ":")
	_, err := netip.ParseAddr(t)
	address, _, _ := strings.Cut(t, "/")
	_, err2 := netip.ParseAddr(address)
	return ok && typ != "" && name != "" && err != nil && err2 != nil && strings.Trim(typ, "abcdefghijklmnopqrstuvwxyz") == ""
}

// parsePattern reads an address or network pattern; IPv6 must have brackets.
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
	if err != nil || a.Zone() != "" || a.Is6() != bracketed {
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

// Coverage returns a function that reports whether the patterns already match
// a whole prefix. An exception ("!") that touches it means no, since the order
// of the patterns decides.
func (n Networks) Coverage() func(netip.Prefix) bool {
	var in netipx.IPSetBuilder
	var out []netip.Prefix
	for _, t := range n.tokens {
		bare := strings.TrimLeft(t, "!")
		q, ok := parsePattern(bare)
		switch {
		case !ok || q != q.Masked():
		case bare != t:
			out = append(out, q)
		default:
			in.AddPrefix(q)
		}
	}
	set, err := in.IPSet()
	if err != nil {
		set = new(netipx.IPSet) // cannot be: the prefixes are parsed; then nothing is covered
	}
	return func(p netip.Prefix) bool {
		return set.ContainsPrefix(p) && !slices.ContainsFunc(out, p.Overlaps)
	}
}

// With appends a network, separated as the others are.
func (n Networks) With(p netip.Prefix) Networks {
	sep := " "
	if strings.Contains(n.text, ",") {
		sep = ", "
	}
	if strings.TrimSpace(n.text) == "" {
		sep, n.text = "", ""
	}
	n.text += sep + pattern(p)
	return n
}

// Without takes out the patterns that are exactly one of the networks, each
// with the separator in front of it.
func (n Networks) Without(drop []netip.Prefix) Networks {
	if len(drop) == 0 {
		return n
	}
	gone := map[string]bool{}
	for _, p := range drop {
		gone[pattern(p)] = true
	}
	var b strings.Builder
	rest := n.text
	for rest != "" {
		start := strings.IndexFunc(rest, func(r rune) bool { return !separator(r) })
		if start < 0 {
			b.WriteString(rest)
			break
		}
		end := strings.IndexFunc(rest[start:], separator)
		if end < 0 {
			end = len(rest) - start
		}
		if token := rest[start : start+end]; !gone[token] {
			if b.Len() == 0 {
				b.WriteString(token)
			} else {
				b.WriteString(rest[:start+end])
			}
		}
		rest = rest[start+end:]
	}
	return ParseNetworks(b.String())
}

// String is the value for the registry.
func (n Networks) String() string { return n.text }
