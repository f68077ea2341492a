// Package exceptions makes, of the exceptions from sender-spoofing, the questions that Postfix has to ask. An exception
// names a client, a sender or both, and lets mail come in as one of ours. So Postfix asks first for the clients that
// may use every sender, then for the sender. The first sender of Senders that fits a letter decides: whether its client
// is one of those that may use it, whether everybody may, or that the exceptions are not about it.
//
// A letter that several exceptions let in counts as a use of one of them: an exception for the client alone before
// others, and the narrower network before the wider one.
package exceptions

import (
	"cmp"
	"net/netip"
	"slices"
	"strings"

	"ucs-harden/mailbox"
	"ucs-harden/plan"
	"ucs-harden/rules"
)

// Client is a network and the name of the exception that is about it.
type Client struct {
	Prefix netip.Prefix
	Name   string
}

// Sender is an address, or a domain with its sub-domains, and who may use it.
type Sender struct {
	Of      string
	Clients []Client // of these the first that fits counts
	Anybody string   // the name of the exception that lets everybody use it, "" for none
	Off     bool     // the mode of the domain is off, so nothing has to be let in
}

// Questions are what Postfix has to ask. They are the same for the same exceptions, in whatever order these are given.
type Questions struct {
	// Clients may use every sender of ours. Of these the first that fits counts.
	Clients []Client
	// Senders are those to try, in their order.
	Senders []Sender
}

// Empty reports whether there is no exception.
func (q Questions) Empty() bool { return len(q.Clients)+len(q.Senders) == 0 }

// Compile makes the questions. domains are the names that stand for us in a sender: hosted domains, and names of this
// server. modeOf is the mode of one of them.
func Compile(all []rules.Exception, domains []string, modeOf func(domain string) plan.Mode) Questions {
	c := compiler{all: all, own: map[string]bool{}, modeOf: modeOf}
	for _, domain := range domains {
		c.own[domain] = true
	}
	q := Questions{Clients: clients(all, func(e rules.Exception) bool { return e.Sender == "" })}
	said := map[string]Sender{}
	for _, key := range slices.Backward(c.keys(domains)) { // domains before what is below them
		s := c.sender(key)
		above, found := nearest(key, func(domain string) bool { _, ok := said[domain]; return ok })
		if found && s.same(said[above]) || !found && s.Off {
			continue
		}
		said[key] = s
		q.Senders = append(q.Senders, s)
	}
	slices.Reverse(q.Senders)
	return q
}

type compiler struct {
	all    []rules.Exception
	own    map[string]bool
	modeOf func(domain string) plan.Mode
}

// clients are the networks of the exceptions that are meant, the narrowest first, each once.
func clients(all []rules.Exception, meant func(rules.Exception) bool) []Client {
	var out []Client
	for _, e := range all {
		if e.Client.IsValid() && meant(e) {
			out = append(out, Client{e.Client, e.Name})
		}
	}
	slices.SortFunc(out, func(a, b Client) int {
		narrower := cmp.Compare(b.Prefix.Bits(), a.Prefix.Bits())
		return cmp.Or(narrower, a.Prefix.Compare(b.Prefix), strings.Compare(a.Name, b.Name))
	})
	return slices.CompactFunc(out, func(a, b Client) bool { return a.Prefix == b.Prefix })
}

// keys are the senders of the exceptions, and the own domains below them, which may have a mode of their own. Addresses
// come first, then domains, those with more labels first.
func (c compiler) keys(domains []string) []string {
	var out []string
	of := map[string]bool{}
	for _, e := range c.all {
		if e.Sender != "" {
			of[rules.SenderKey(e.Sender)] = true
		}
	}
	for key := range of {
		out = append(out, key)
	}
	for _, domain := range domains {
		if _, parent, below := strings.Cut(domain, "."); below && !of[domain] {
			if _, found := nearest(parent, func(name string) bool { return of[name] }); found {
				out = append(out, domain)
			}
		}
	}
	slices.SortFunc(out, func(a, b string) int {
		return cmp.Or(cmp.Compare(labels(b), labels(a)), strings.Compare(a, b))
	})
	return out
}

// labels is the number of labels of a domain. An address counts as having more than every domain.
func labels(key string) int {
	if strings.Contains(key, "@") {
		return mostLabels
	}
	return strings.Count(key, ".") + 1
}

const mostLabels = 256 // a name has at most 253 characters

// sender says who may use a sender.
func (c compiler) sender(key string) Sender {
	s := Sender{Of: key}
	domain, _ := nearest(key, func(name string) bool { return c.own[name] })
	if c.modeOf(domain) == plan.Off {
		s.Off = true
		return s
	}
	covers := func(e rules.Exception) bool { return e.Sender != "" && below(key, rules.SenderKey(e.Sender)) }
	s.Clients = clients(c.all, covers)
	var anybody []rules.Exception
	for _, e := range c.all {
		if !e.Client.IsValid() && covers(e) {
			anybody = append(anybody, e)
		}
	}
	slices.SortFunc(anybody, func(a, b rules.Exception) int {
		longer := cmp.Compare(len(rules.SenderKey(b.Sender)), len(rules.SenderKey(a.Sender)))
		return cmp.Or(longer, strings.Compare(a.Name, b.Name))
	})
	if len(anybody) > 0 {
		s.Anybody = anybody[0].Name
	}
	return s
}

// same reports whether two senders have the same answer.
func (s Sender) same(other Sender) bool {
	return s.Off == other.Off && s.Anybody == other.Anybody && slices.Equal(s.Clients, other.Clients)
}

// below reports whether a key is another one, or an address or domain in it.
func below(key, of string) bool {
	if strings.Contains(of, "@") {
		return key == of
	}
	domain := mailbox.Domain(key)
	return domain == of || strings.HasSuffix(domain, "."+of)
}

// nearest is the first of a key's domain and the domains above it that is among others.
func nearest(key string, among func(domain string) bool) (string, bool) {
	for domain := mailbox.Domain(key); domain != ""; _, domain, _ = strings.Cut(domain, ".") {
		if among(domain) {
			return domain, true
		}
	}
	return "", false
}
