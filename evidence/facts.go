package evidence

import (
	"net/netip"
	"strings"
	"time"

	"ucs-harden/dmarc"
	"ucs-harden/hostnet"
	"ucs-harden/identity"
	"ucs-harden/inside"
	"ucs-harden/maillog"
	"ucs-harden/owners"
	"ucs-harden/spf"
)

// Facts are what is known besides the log. Whatever is missing makes verdicts weaker, never wrong: a sign of legitimacy
// that nobody looked for is not there.
type Facts struct {
	At   time.Time
	Host string
	// Source is FromReplay for a replay, else FromWarn.
	Source   Source
	Coverage maillog.Coverage
	Ours     Ours
	// Inside is this host and its neighbours. Controllers are the domain controllers, Computers all hosts of the
	// directory that have an address.
	Inside      inside.Facts
	Controllers []identity.Host
	Computers   []identity.Host
	// Book has the holders of the names of Names. Groups are the groups and mailing lists that have an address.
	Book   *owners.Book
	Groups []identity.Group
	// NoDirectory says why the directory is not known, "" when it is.
	NoDirectory string
	// Judge judges by the plan of today. nil means that nothing can be proven: no command is proposed.
	Judge Judge
	// SPF are the answers of the DNS, and DMARC the sums of the aggregate reports; nil when nobody was asked.
	SPF   map[spf.Question]spf.Answer
	DMARC *dmarc.Sums
	// Exceptions are all exceptions, without their use.
	Exceptions []ExceptionUse
	// Off are the controls that the plan of today has off.
	Off map[string]bool
	// Changed is when the last change of the server took effect, zero when there was none.
	Changed time.Time
	// Notes are what else should be known of the report.
	Notes []Phrase

	known map[netip.Addr]bool // the addresses of the hosts of the directory, nil before they are collected
}

// collect collects the addresses of the hosts, so that a stranger is told from them at once.
func (f *Facts) collect() {
	f.known = map[netip.Addr]bool{}
	for _, hosts := range [][]identity.Host{f.Computers, f.Controllers, f.Inside.Servers} {
		for _, host := range hosts {
			for _, a := range host.Addresses {
				f.known[a] = true
			}
		}
	}
}

// thisHost reports whether a client is this host, by an address of an interface or of what stands in front of it.
func (f *Facts) thisHost(client netip.Addr) bool {
	for _, a := range f.Inside.Proxies {
		if a == client {
			return true
		}
	}
	return f.Inside.ThisHost(client)
}

// hostAt is the host with an address, nil when there is none.
func hostAt(hosts []identity.Host, client netip.Addr) *identity.Host {
	for i := range hosts {
		for _, a := range hosts[i].Addresses {
			if a == client {
				return &hosts[i]
			}
		}
	}
	return nil
}

// narrow is the longest network of a public interface in which all hosts are taken for ours: a network of 8 addresses is
// given to one customer, a larger one may have neighbours that are strangers.
const narrow = 29

// ownNetwork is the network of this host that a client is in: any private one, or a public one of a few addresses.
func (f *Facts) ownNetwork(client netip.Addr) (netip.Prefix, bool) {
	for _, i := range f.Inside.Interfaces {
		for _, p := range i.Prefixes {
			if p.Contains(client) && !p.IsSingleIP() && (isPrivate(client) || isNarrow(p)) {
				return p.Masked(), true
			}
		}
	}
	return netip.Prefix{}, false
}

func isNarrow(p netip.Prefix) bool { return p.Addr().Is4() && p.Bits() >= narrow }

// OwnNetworks are the networks whose clients are of this server whatever the log says: its own addresses, those that
// stand in front of it, and its public networks of a few addresses. A client with a private address needs no such network
// to be told from others.
func OwnNetworks(i inside.Facts) []netip.Prefix {
	out := append(hostnet.Own(i.Interfaces), prefixes(i.Proxies)...)
	for _, one := range i.Interfaces {
		for _, p := range one.Prefixes {
			if !p.IsSingleIP() && isNarrow(p) {
				out = append(out, p.Masked())
			}
		}
	}
	return out
}

// directoryHost is the host of the directory with an address: a controller, a mail server, or another computer.
func (f *Facts) directoryHost(client netip.Addr) *identity.Host {
	if host := hostAt(f.Computers, client); host != nil {
		return host
	}
	if host := hostAt(f.Controllers, client); host != nil {
		return host
	}
	return hostAt(f.Inside.Servers, client)
}

// near reports whether a client is of our network: a private address, or in a network of this host.
func (f *Facts) near(client netip.Addr) bool {
	_, own := f.ownNetwork(client)
	return own || isPrivate(client)
}

// server is the server of the directory with an address: a controller, a mail server, or another computer that can have
// the service of a mail server. nil is none.
func (f *Facts) server(client netip.Addr) *identity.Host {
	if f.known != nil && !f.known[client] {
		return nil
	}
	if host := hostAt(f.Computers, client); host != nil && canServe(host.Type) {
		return host
	}
	if host := hostAt(f.Controllers, client); host != nil {
		return host
	}
	return hostAt(f.Inside.Servers, client)
}

// canServe reports whether the module of udm(8) that keeps a computer has services.
func canServe(module string) bool {
	return module == "computers/memberserver" || strings.HasPrefix(module, "computers/domaincontroller_")
}
