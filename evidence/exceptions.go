package evidence

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"ucs-harden/lists"
	"ucs-harden/mailbox"
	"ucs-harden/rules"
)

// The most that an exception is proposed for: senders one by one before it takes their domain, and clients one by one
// before it takes their network.
const (
	fewSenders = 3
	fewClients = 4
)

// exception proposes exceptions for the letters of some kinds: for each client, or their network, with each sender, or
// their domain. It has no commands when the clients have no network in common that one organisation would have.
func (b *builder) exception(s *signs, kinds []Distinct, as string) proposal {
	p := proposal{Fix: Fix{Exception: true}}
	kinds = slices.DeleteFunc(slices.Clone(kinds), networkOnly)
	clients, senders := networks(kinds), b.sendersOf(s, kinds, fewSenders)
	if len(clients)*len(senders) > max(fewClients, fewSenders) {
		senders = b.sendersOf(s, kinds, 1)
	}
	if len(clients) == 0 || len(senders) == 0 {
		p.Text = Phrasef("an exception is not proposed: the addresses have no network in common or are not kept any more," +
			" or the senders have no domain of yours")
		return p
	}
	var count int64
	var newest time.Time
	for _, k := range kinds {
		count, newest = count+k.Count, later(newest, k.Last)
	}
	for _, client := range clients {
		for _, sender := range senders {
			name := b.name(client, sender)
			net := client.String()
			if client.IsSingleIP() {
				net = client.Addr().String()
			}
			seen := fmt.Sprintf("%s %s writes as %s", as, net, sender)
			if len(clients) == 1 && len(senders) == 1 {
				seen += fmt.Sprintf(", seen %s until %s", times(count), newest.Format(time.DateOnly))
			}
			p.Commands = append(p.Commands, []string{
				"ucs-harden", "allow", name, "--client", net, "--sender", sender, "--reason", seen,
			})
			p.change.Exceptions = append(p.change.Exceptions, rules.Exception{Name: name, Client: client, Sender: sender})
		}
	}
	last := len(p.Commands) - 1
	p.Commands[last] = append(p.Commands[last], "--now")
	p.Admits, p.Risk = b.admits(s.cell, p.change.Exceptions)
	p.Text = Phrasef("an exception for %s as %s", clientsText(clients), some(senders, ofSenders))
	return p
}

// sync brings into effect what a command before it has changed.
var sync = []string{"ucs-harden", "sync"}

func times(n int64) string {
	if n == 1 {
		return "once"
	}
	return fmt.Sprintf("%d times", n)
}

func clientsText(clients []netip.Prefix) Phrase {
	names := make([]string, len(clients))
	for i, c := range clients {
		names[i] = c.String()
		if c.IsSingleIP() {
			names[i] = c.Addr().String()
		}
	}
	return some(names, ofClients)
}

// networks are the clients of kinds: the smallest network that has them all, if it is not wider than one organisation's
// usually is; else a few one by one; else none. Private clients are devices, each one by itself.
func networks(kinds []Distinct) []netip.Prefix {
	var clients []netip.Addr
	for _, k := range kinds {
		if a := k.Client.Unmap().WithZone(""); a.IsValid() && !slices.Contains(clients, a) {
			clients = append(clients, a)
		}
	}
	slices.SortFunc(clients, netip.Addr.Compare)
	if len(clients) == 0 {
		return nil
	}
	if p, ok := common(clients[0], clients[len(clients)-1]); ok {
		return []netip.Prefix{p}
	}
	if len(clients) <= fewClients {
		return prefixes(clients)
	}
	return nil
}

// common is the smallest network with two addresses, if it is not wider than one organisation's usually is.
func common(first, last netip.Addr) (netip.Prefix, bool) {
	if first.BitLen() != last.BitLen() || first != last && isPrivate(first) {
		return netip.Prefix{}, false
	}
	for bits := first.BitLen(); bits >= Network(first).Bits(); bits-- {
		if p, _ := first.Prefix(bits); p.Contains(last) {
			return p, true
		}
	}
	return netip.Prefix{}, false
}

// sendersOf are the senders of kinds that an exception can name: at most so many addresses, else the domain that has them
// all, which is a sub-domain of the hosted one if all are in it.
func (b *builder) sendersOf(s *signs, kinds []Distinct, most int) []string {
	var out, domains []string
	for _, k := range kinds {
		sender := mailbox.Key(k.Sender)
		if !slices.Contains(out, sender) {
			out = append(out, sender)
		}
		if domain := domainOf(sender); !slices.Contains(domains, domain) {
			domains = append(domains, domain)
		}
	}
	slices.Sort(out)
	if len(out) <= most && !slices.ContainsFunc(out, func(a string) bool { return !nameable(a) }) {
		return out
	}
	if len(domains) == 1 && nameable("x@"+domains[0]) && s.facts.Ours.hosted(domains[0]) != "" {
		return domains
	}
	if s.cell.Domain != "" {
		return []string{s.cell.Domain}
	}
	return nil
}

// nameable reports whether a command can name an address without quotes.
func nameable(address string) bool { return mailbox.Check(address) == nil && lists.IsAddress(address) }

// name is the name of a new exception: who writes from where. No other exception has it.
func (b *builder) name(client netip.Prefix, sender string) string {
	who, _, address := strings.Cut(sender, "@")
	if !address {
		who = sender
	}
	where := client.String()
	if client.IsSingleIP() {
		where = client.Addr().String()
	}
	base := strings.Trim(strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			return r
		}
		return '-'
	}, strings.ToLower(who+"-"+where)), "-")
	name := base
	for n := 2; b.names[name]; n++ {
		name = fmt.Sprintf("%s-%d", base, n)
	}
	b.names[name] = true
	return name
}
