package mynetworks

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
//	pattern = address | address "/" bits      IPv6 in brackets: [fd99::]/64
//	        | type ":" table | "/" file       kept, not looked into
//	        | "!" pattern                     an exception
//	        | host name                       kept, not resolved
type List struct {
	text   string // as read
	tokens []string
}

// Variable is the registry variable that UCR makes the parameter mynetworks of.
const Variable = "mail/postfix/mynetworks"

// Fault is what is wrong with one pattern, as measured on Postfix 3.7.
type Fault string

const (
	HostBits    Fault = "host-bits"
	Unbracketed Fault = "unbracketed"
	Semicolon   Fault = "semicolon"
	NoAddress   Fault = "no-address"
	NoNetwork   Fault = "no-network"
)

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
			return "write " + pattern(net.Masked()) + " for the network, or " + pattern(netip.PrefixFrom(net.Addr(), net.Addr().BitLen())) + " for the one address"
		}
	case Unbracketed:
		return "put the address into brackets: [fd99::1]/128"
	case Semicolon:
		return "separate the patterns with blanks or commas"
	}
	return "correct or remove the pattern: ucr set " + Variable + "=…"
}

// ParseNetworks reads a value; every text is one.
func Parse(value string) List {
	return List{text: value, tokens: strings.FieldsFunc(value, separator)}
}

func separator(r rune) bool { return r == ',' || r == ' ' || r == '\t' || r == '\n' || r == '\r' }

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

// isTable tells a lookup table (hash:/etc/postfix/networks) from an IPv6
// address: the type of a table is a word, and what follows it is no number.
func isTable(t string) bool {
	typ, name, ok := strings.Cut(t, ":")
	_, err := netip.ParseAddr(t)
	address, _, _ := strings.Cut(t, "/")
	_, err2 := netip.ParseAddr(address)
	return ok && typ != "" && name != "" && err != nil && err2 != nil && strings.Trim(typ, "abcdefghijklmnopqrstuvwxyz") == ""
}

// parsePattern reads an address or network pattern; IPv6 must have brackets,
// IPv4 may.
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

// Coverage returns a function that reports whether the patterns match a whole
// prefix. Of the patterns that match an address the first one decides, so an
// exception ("!") counts where it stands. Tables and host names are not
// looked into.
func (n List) Coverage() func(netip.Prefix) bool {
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
	return set.ContainsPrefix
}

// Has reports whether a network stands there as With writes it.
func (n List) Has(p netip.Prefix) bool { return slices.Contains(n.tokens, pattern(p)) }

// With appends a network, separated as the others are.
func (n List) With(p netip.Prefix) List {
	sep := " "
	if strings.Contains(n.text, ",") {
		sep = ", "
	}
	if strings.TrimSpace(n.text) == "" {
		sep, n.text = "", ""
	}
	return Parse(n.text + sep + pattern(p))
}

// Without takes out each of the networks once, where With has put it: the last
// pattern that is exactly this network, with the separator in front of it. A
// network that someone else has written in front stays.
func (n List) Without(drop []netip.Prefix) List {
	for _, p := range slices.Backward(drop) {
		n = n.without(pattern(p))
	}
	return n
}

func (n List) without(token string) List {
	at := slices.Index(n.tokens, token)
	if at < 0 {
		return n
	}
	for i, t := range n.tokens {
		if t == token {
			at = i
		}
	}
	start, end := n.span(at)
	before, after := n.text[:start], n.text[end:]
	switch separators := before[len(strings.TrimRightFunc(before, separator)):]; {
	case at == 0 && separators == "":
		after = strings.TrimLeftFunc(after, separator)
	case strings.HasSuffix(separators, ", "):
		before = strings.TrimSuffix(before, ", ")
	case strings.HasSuffix(separators, " "):
		before = strings.TrimSuffix(before, " ")
	default:
		before = strings.TrimRightFunc(before, separator)
	}
	return Parse(before + after)
}

// span is the place of a token in the text.
func (n List) span(at int) (start, end int) {
	for i, t := range n.tokens {
		start = end + strings.IndexFunc(n.text[end:], func(r rune) bool { return !separator(r) })
		end = start + len(t)
		if i == at {
			break
		}
	}
	return start, end
}

// String is the value for the registry.
func (n List) String() string { return n.text }
