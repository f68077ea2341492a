// Package mynetworks reads and rewrites the main.cf parameter mynetworks: the clients that Postfix trusts
// (postconf(5)). The value is a list of patterns with commas or blanks between:
//
//	pattern = address | address "/" bits      IPv6 in brackets: [fd99::]/64
//	        | type ":" table | "/" file       kept, not looked into
//	        | "!" pattern                     an exception
//	        | host name                       kept, not resolved
//
// Of the patterns that match an address the first one decides. A List is lossless: it prints a pattern that nobody
// changed as it was read.
package mynetworks

import (
	"net/netip"
	"slices"
	"strings"
)

// List is a value of mynetworks.
type List struct {
	text   string // as read
	tokens []string
}

// Variable is the registry variable that UCR makes the parameter mynetworks of.
const Variable = "mail/postfix/mynetworks"

// Parse reads a value; every text is one.
func Parse(value string) List {
	return List{text: value, tokens: strings.FieldsFunc(value, separator)}
}

func separator(r rune) bool { return r == ',' || r == ' ' || r == '\t' || r == '\n' || r == '\r' }

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

// Without takes out each of the networks once, where With has put it: the last pattern that is exactly this network,
// with the separator in front of it. A pattern in front of that belongs to somebody else and stays.
func (n List) Without(drop []netip.Prefix) List {
	for _, p := range slices.Backward(drop) {
		n = n.without(pattern(p))
	}
	return n
}

// Replace exchanges the networks that we have added before (ours) for those that are wanted now. It keeps those of ours
// that are still wanted and still stand there, drops the others, and adds what no pattern covers. added are all
// networks that are ours then.
func (n List) Replace(ours, wanted []netip.Prefix) (next List, added []netip.Prefix) {
	var drop []netip.Prefix
	for _, p := range ours {
		switch {
		case !slices.Contains(wanted, p):
			drop = append(drop, p)
		case n.Has(p):
			added = append(added, p)
		}
	}
	n = n.Without(drop)
	covered := n.Coverage()
	for _, p := range wanted {
		within := func(q netip.Prefix) bool { return q.Bits() <= p.Bits() && q.Contains(p.Addr()) }
		if !covered.CoversAll(p) && !slices.ContainsFunc(added, within) {
			added = append(added, p)
			n = n.With(p)
		}
	}
	return n, added
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
