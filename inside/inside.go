// Package inside knows who is inside besides the clients of mynetworks, and what only looks so.
//
// Inside has two degrees. Domain controllers, and the systems that the administrator names, may relay; see Relaying.
// Other mail servers of the directory and this host's own addresses may write as one of ours and nothing more; see
// Facts.Exempt. Networks of bridges, relay hosts and a public address in front of this host are never added. Findings
// name them, because mode enforce refuses what they send as one of ours.
package inside

import (
	"net/netip"
	"slices"

	"ucs-harden/access"
	"ucs-harden/hosteddomains"
	"ucs-harden/hostnet"
	"ucs-harden/identity"
)

// Facts are what is known of this host and of its neighbours.
type Facts struct {
	Interfaces []hostnet.Interface
	// Servers are the mail servers that the directory knows, this one included.
	Servers []identity.Host
	// NoDirectory: the directory was not asked, so Servers are not known.
	NoDirectory bool
	// RelayHosts are the servers to which Postfix hands outgoing mail.
	RelayHosts []RelayHost
	// Proxies are the addresses of proxy_interfaces (postconf(5)): those of a proxy or an address translator in front
	// of this host.
	Proxies []netip.Addr
	// Here are the words of mydestination, Elsewhere those of the other parameters that name domains for which Postfix
	// takes mail, by parameter. References are expanded.
	Here      []string
	Elsewhere map[string][]string
	// AnySender: a client that logs in on port 25 may use any sender there.
	AnySender bool
}

// RelayHost is a next hop of outgoing mail.
type RelayHost struct {
	Name      string       // as it is configured, such as "[smtp.provider.example]:587"
	From      string       // the variable or parameter that names it
	Addresses []netip.Addr // empty: its name has no address, or was not looked up
}

// Exempted is a network whose clients may write as one of ours.
type Exempted struct {
	Prefix netip.Prefix
	Who    string // for people
}

// Exempt are the clients that sender-spoofing is not about, sorted. There are none while the interfaces of this host
// are not known.
func (f Facts) Exempt() []Exempted {
	var out []Exempted
	add := func(p netip.Prefix, who string) {
		if !slices.ContainsFunc(out, func(e Exempted) bool { return e.Prefix == p }) {
			out = append(out, Exempted{p, who})
		}
	}
	for _, p := range hostnet.Own(f.Interfaces) {
		add(p, "this server")
	}
	for _, server := range f.Servers {
		for _, a := range server.Addresses {
			add(netip.PrefixFrom(a, a.BitLen()), server.Name)
		}
	}
	slices.SortFunc(out, func(a, b Exempted) int { return a.Prefix.Compare(b.Prefix) })
	return out
}

// Networks are the lines of a cidr_table(5), of which the first that matches counts: DUNNO for each exempted client, and
// a restriction class for all others. DUNNO ends the search in this table only, so later checks apply to all.
func (f Facts) Networks(class string) []access.Network {
	var lines []access.Network
	for _, e := range f.Exempt() {
		lines = append(lines, access.Network{Prefix: e.Prefix, Action: "DUNNO"})
	}
	for _, all := range []string{"0.0.0.0/0", "::/0"} {
		lines = append(lines, access.Network{Prefix: netip.MustParsePrefix(all), Action: class})
	}
	return lines
}

// ThisHost reports whether an address is one of this host.
func (f Facts) ThisHost(a netip.Addr) bool {
	return slices.ContainsFunc(hostnet.Own(f.Interfaces), func(p netip.Prefix) bool { return p.Contains(a) })
}

// Literals are the addresses of this host that an address literal in a sender may hold: 127.0.0.1 of the loopback
// network, and those of a proxy. Postfix takes mail for these as for its own name.
func (f Facts) Literals() []netip.Addr {
	var out []netip.Addr
	for _, p := range hostnet.Own(f.Interfaces) {
		a := p.Addr()
		if !p.IsSingleIP() {
			a = a.Next()
		}
		out = append(out, a)
	}
	out = append(out, f.Proxies...)
	slices.SortFunc(out, netip.Addr.Compare)
	return slices.Compact(out)
}

// Names are the names of mydestination that are neither hosted domains nor below one.
func (f Facts) Names(domains []string) []string { return hosteddomains.Besides(domains, f.Here) }

// Own are the names and addresses that stand for us in a sender: the hosted domains, and those of this server.
func (f Facts) Own(domains []string) []string {
	own := slices.Concat(domains, f.Names(domains))
	for _, a := range f.Literals() {
		own = append(own, a.String())
	}
	return own
}
