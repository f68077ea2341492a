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

// With appends networks, separated as the others are.
func (n List) With(networks ...netip.Prefix) List {
	var out strings.Builder
	sep := " "
	if strings.Contains(n.text, ",") {
		sep = ", "
	}
	if strings.TrimSpace(n.text) != "" {
		out.WriteString(n.text)
	}
	for _, p := range networks {
		if out.Len() > 0 {
			out.WriteString(sep)
		}
		out.WriteString(pattern(p))
	}
	return Parse(out.String())
}

// Without takes out each of the networks once, where With has put it: the last pattern that is exactly this network,
// with the separator in front of it. A pattern in front of that belongs to somebody else and stays.
func (n List) Without(drop []netip.Prefix) List {
	goes := map[string]int{} // how many of each pattern
	for _, p := range drop {
		goes[pattern(p)]++
	}
	separators, next := n.separators(), len(n.tokens)
	kept := make([]bool, len(n.tokens))
	for at, token := range slices.Backward(n.tokens) {
		if goes[token] == 0 {
			kept[at], next = true, at
			continue
		}
		goes[token]--
		switch before := separators[at]; {
		case at == 0 && before == "":
			separators[next] = strings.TrimLeftFunc(separators[next], separator)
		case strings.HasSuffix(before, ", "):
			separators[next] = strings.TrimSuffix(before, ", ") + separators[next]
		case strings.HasSuffix(before, " "):
			separators[next] = strings.TrimSuffix(before, " ") + separators[next]
		}
	}
	var out strings.Builder
	for at, token := range n.tokens {
		if kept[at] {
			out.WriteString(separators[at] + token)
		}
	}
	return Parse(out.String() + separators[len(n.tokens)])
}

// Replace exchanges the networks that we have added before (ours) for those that are wanted now. It keeps those of ours
// that are still wanted and still stand there, drops the others, and adds what no pattern covers. added are all
// networks that are ours then.
func (n List) Replace(ours, wanted []netip.Prefix) (next List, added []netip.Prefix) {
	want, there := setOf(wanted), setOf(n.tokens)
	var drop, more []netip.Prefix
	for _, p := range ours {
		switch {
		case !want[p]:
			drop = append(drop, p)
		case there[pattern(p)]:
			added = append(added, p)
		}
	}
	n = n.Without(drop)
	covered, has := n.Coverage(), setOf(added)
	for _, p := range wanted {
		if !covered.CoversAll(p) && !within(has, p) {
			added, more, has[p] = append(added, p), append(more, p), true
		}
	}
	return n.With(more...), added
}

// within reports whether one of the networks contains another network.
func within(networks map[netip.Prefix]bool, p netip.Prefix) bool {
	for bits := p.Bits(); bits >= 0; bits-- {
		if wider, err := p.Addr().Prefix(bits); err == nil && networks[wider] {
			return true
		}
	}
	return false
}

func setOf[T comparable](all []T) map[T]bool {
	set := make(map[T]bool, len(all))
	for _, one := range all {
		set[one] = true
	}
	return set
}

// separators are what stands in front of each token, and behind the last one.
func (n List) separators() []string {
	out := make([]string, len(n.tokens)+1)
	rest := n.text
	for i, t := range n.tokens {
		start := strings.IndexFunc(rest, func(r rune) bool { return !separator(r) })
		out[i], rest = rest[:start], rest[start+len(t):]
	}
	out[len(n.tokens)] = rest
	return out
}

// String is the value for the registry.
func (n List) String() string { return n.text }
