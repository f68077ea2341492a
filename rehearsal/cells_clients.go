package rehearsal

import (
	"fmt"
	"net/netip"
	"slices"

	"ucs-harden/controls"
	"ucs-harden/identity"
	"ucs-harden/mynetworks"
	"ucs-harden/rules"
)

// caller is where dialogues come from, and what it is to each configuration.
type caller struct {
	words          string
	address        netip.Addr
	name, helo     string
	today, planned rules.Client
}

// Addresses that nobody has (RFC 5737, RFC 3849).
var documentation = []netip.Addr{
	netip.MustParseAddr("203.0.113.77"), netip.MustParseAddr("198.51.100.77"), netip.MustParseAddr("192.0.2.77"),
}

var documentation6 = netip.MustParseAddr("2001:db8::77")

// Private addresses for a client that is in no list, where no domain controller
// has one nearby.
var private = []netip.Addr{
	netip.MustParseAddr("192.168.77.77"), netip.MustParseAddr("172.16.77.77"), netip.MustParseAddr("10.77.77.77"),
}

// clients chooses them.
func (b *cellBuilder) clients() {
	b.today, b.planned = mynetworks.Parse(b.Today.Networks).Coverage(), mynetworks.Parse(b.Plan.Networks).Coverage()
	b.chooseStrangers()
	b.chooseControllers()
	b.chooseExempt()
	b.chooseUnlisted()
	b.chooseListed()
}

func (b *cellBuilder) inList(a netip.Addr) bool { return b.today.Covers(a) || b.planned.Covers(a) }

// chooseStrangers takes addresses that no list has. If mynetworks matches all
// addresses, there are no strangers: every client is one of mynetworks.
func (b *cellBuilder) chooseStrangers() {
	a, ok := b.outside()
	strangers := []netip.Addr{a}
	if !ok {
		b.note("mynetworks matches every address: no client is a stranger")
	}
	if b.IPv6 {
		strangers = append(strangers, documentation6)
	}
	for _, a := range strangers {
		words := "a stranger"
		is := func(side Side, listed bool) rules.Client {
			if !listed {
				return rules.Stranger
			}
			words = "any client"
			return kind(side, listed, rules.Listed)
		}
		today, planned := is(b.Today, b.today.Covers(a)), is(b.Plan, b.planned.Covers(a))
		b.strangers = append(b.strangers, caller{
			fmt.Sprintf("%s (%s)", words, a), a, "mail." + b.Foreign, b.Foreign, today, planned,
		})
	}
}

// outside is a public address that no list has, if there is one.
func (b *cellBuilder) outside() (netip.Addr, bool) {
	if i := slices.IndexFunc(documentation, func(a netip.Addr) bool { return !b.inList(a) }); i >= 0 {
		return documentation[i], true
	}
	both := mynetworks.Parse(b.Today.Networks + " " + b.Plan.Networks).Coverage()
	if a, ok := both.Outside(); ok {
		return a, true
	}
	return documentation[0], false
}

// chooseControllers takes every address of every domain controller. In the plan
// it is to relay, whatever mynetworks will say; today it is what that says.
func (b *cellBuilder) chooseControllers() {
	for _, h := range b.ordered() {
		for _, a := range h.Addresses {
			b.taken[a] = true
			if a.Is4() || b.IPv6 {
				b.controllers = append(b.controllers, caller{
					fmt.Sprintf("the domain controller %s (%s)", h.Name, a), a, h.Name, h.Name,
					kind(b.Today, b.today.Covers(a), rules.Controller),
					kind(b.Plan, b.planned.Covers(a) || controls.LetsRelay(b.Plan.Modes), rules.Controller),
				})
			}
		}
	}
	if len(b.controllers) > maxControllers {
		b.note("of %d addresses of domain controllers, %d are asked about", len(b.controllers), maxControllers)
		b.controllers = b.controllers[:maxControllers]
	}
}

// chooseExempt takes addresses that are in no list of those that sender-spoofing is not about: first those of other
// mail servers, then those of this host.
func (b *cellBuilder) chooseExempt() {
	var mine []caller
	for _, e := range b.Inside.Exempt() {
		a := e.Prefix.Addr()
		if b.taken[a] || a.Is6() && !b.IPv6 || b.inList(a) || !e.Prefix.IsSingleIP() {
			continue
		}
		b.taken[a] = true
		c := caller{
			address: a, name: b.insider(), helo: b.insider(),
			today: b.kindOf(b.Today, a), planned: b.kindOf(b.Plan, a),
		}
		if b.Inside.ThisHost(a) {
			c.words = fmt.Sprintf("this server itself (%s)", a)
			mine = append(mine, c)
			continue
		}
		c.words = fmt.Sprintf("the mail server %s (%s)", e.Who, a)
		b.exempt = append(b.exempt, c)
	}
	b.exempt = append(b.exempt[:min(len(b.exempt), maxExempt-min(len(mine), maxExempt/2))], mine...)
	b.exempt = b.exempt[:min(len(b.exempt), maxExempt)]
}

// kindOf is what a client that is in no mynetworks and belongs to the company is to a configuration.
func (f Facts) kindOf(side Side, a netip.Addr) rules.Client {
	switch {
	case !slices.ContainsFunc(side.Listings.Exempt, func(p netip.Prefix) bool { return p.Contains(a) }):
		return rules.Unlisted
	case f.Inside.ThisHost(a):
		return rules.ThisHost
	}
	return rules.MailServer
}

// chooseUnlisted takes a client of the company that may not relay, where that
// can be known.
func (b *cellBuilder) chooseUnlisted() {
	if mynetworks.Parse(b.Today.Networks + " " + b.Plan.Networks).Opaque() {
		b.note("mynetworks holds a table or a name: only of strangers is it known that they are not in it")
		return
	}
	a, ok := b.neighbour(func(a netip.Addr) bool { return b.inList(a) || b.taken[a] })
	if !ok {
		b.note("mynetworks holds every private address that was tried: no inside client is in no list")
		return
	}
	name := b.insider()
	what := fmt.Sprintf("an inside client that is in no list (%s)", a)
	b.unlisted = []caller{{what, a, name, name, rules.Unlisted, rules.Unlisted}}
}

// chooseListed takes this server, and an address of each of a few networks.
func (b *cellBuilder) chooseListed() {
	add := func(words string, a netip.Addr, name, helo string) {
		list := rules.Listed
		if b.today.Covers(a) != b.planned.Covers(a) && !a.IsLoopback() {
			list = rules.Named // control relay alone adds and takes away
		}
		b.taken[a] = true
		b.listed = append(b.listed, caller{
			words, a, name, helo, kind(b.Today, b.today.Covers(a), list), kind(b.Plan, b.planned.Covers(a), list),
		})
	}
	loopback := netip.AddrFrom4([4]byte{127, 0, 0, 1})
	add(fmt.Sprintf("this server itself (%s)", loopback), loopback, "localhost", b.Hostname)
	for _, p := range mynetworks.Parse(b.Plan.Networks + " " + b.Today.Networks).Prefixes() {
		a := p.Addr()
		if !p.IsSingleIP() {
			a = a.Next()
		}
		if len(b.listed) <= maxNetworks && !a.IsLoopback() && !b.taken[a] && b.inList(a) && b.speaks(a) {
			add(fmt.Sprintf("a client of the network %s (%s)", p, a), a, b.insider(), b.insider())
		}
	}
}

// speaks reports whether Postfix can have a client with an address. No client has one of 0.0.0.0/8 (RFC 6890).
func (b *cellBuilder) speaks(a netip.Addr) bool {
	return a.Is4() && a.As4()[0] != 0 || a.Is6() && b.IPv6
}

func (b *cellBuilder) insider() string { return "client." + b.Domains[0] }

// kind is what a client is to a configuration: only control relay makes it more
// than listed.
func kind(side Side, listed bool, as rules.Client) rules.Client {
	switch {
	case !listed:
		return rules.Unlisted
	case !controls.LetsRelay(side.Modes):
		return rules.Listed
	}
	return as
}

// ordered are the domain controllers, this server last: that it may write to
// itself proves least.
func (b *cellBuilder) ordered() []identity.Host {
	hosts := slices.Clone(b.Controllers)
	slices.SortStableFunc(hosts, func(x, y identity.Host) int {
		switch {
		case x.Name == b.Hostname && y.Name != b.Hostname:
			return 1
		case x.Name != b.Hostname && y.Name == b.Hostname:
			return -1
		}
		return 0
	})
	return hosts
}

// neighbour is a private address next to a domain controller, else any.
func (b *cellBuilder) neighbour(taken func(netip.Addr) bool) (netip.Addr, bool) {
	for _, c := range b.controllers {
		if !c.address.Is4() || !c.address.IsPrivate() {
			continue
		}
		for step := range 254 {
			bytes := c.address.As4()
			bytes[3] = byte(1 + (int(bytes[3])+39+step)%254)
			if a := netip.AddrFrom4(bytes); !taken(a) {
				return a, true
			}
		}
	}
	for _, a := range private {
		if !taken(a) {
			return a, true
		}
	}
	return netip.Addr{}, false
}
