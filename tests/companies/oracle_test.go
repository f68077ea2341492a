package companies_test

import (
	"net/netip"
	"slices"
	"strings"
)

// The oracle says what mode enforce of all controls does with a letter. It is written from docs/controls, postconf(5) and
// access(5), and shares no code with the program. foreign-sender is off, since it has a switch of its own.

// fate is what enforce does with a letter, and why.
type fate struct {
	refused bool
	why     string
}

// hosted are the mail domains of the company.
var hosted = []string{"company.my", "company.local"}

func (c company) fateOf(l letter) fate {
	switch {
	case l.receiver == "postmaster":
		return fate{false, "smtpd(8) never asks the lists about postmaster without a domain"}
	case l.uid != "" && slices.Contains(c.suspended, l.uid):
		return fate{true, "the login is suspended"}
	case l.uid == "" && c.alone(l.sender, c.suspended):
		return fate{true, "the sender is the address of suspended accounts alone"}
	case c.outward(l) && l.uid != "" && slices.Contains(c.restricted, l.uid):
		return fate{true, "the login may only write inside"}
	case c.outward(l) && l.uid == "" && c.alone(l.sender, c.restricted):
		return fate{true, "the sender is the address of restricted accounts alone"}
	case (l.port == 465 || l.port == 587) && l.uid == "":
		return fate{true, "465 and 587 are for logins"}
	case (l.port == 465 || l.port == 587) && !c.mayWriteAs(l):
		return fate{true, "the login does not own the sender"}
	case (l.port == 465 || l.port == 587) && c.meetsBeforeLogin(l):
		return fate{true, "a restriction of the administrator in front of permit_sasl_authenticated"}
	case l.uid != "" || c.insider(l):
		return fate{false, "a login, or a client that may relay"}
	case c.closed(l.receiver):
		return fate{true, "the recipient takes mail from inside only"}
	case c.ours(l.sender) && !c.exempt(l) && !c.outward(l):
		return fate{true, "a stranger writes as one of ours"}
	}
	return fate{false, "ordinary mail"}
}

// meetsBeforeLogin reports whether a line of the administrator refuses a letter that stands between permit_mynetworks
// (key 10) and permit_sasl_authenticated (30): in enforce, 465 and 587 have no permit_mynetworks.
func (c company) meetsBeforeLogin(l letter) bool {
	return slices.ContainsFunc(c.lines, func(own line) bool {
		if own.list != "recipient" || own.key <= "10" || own.key >= "30" {
			return false
		}
		return strings.HasSuffix(own.text, "own_senders") && (l.sender == "chief@company.my" || l.sender == "spam@foreign.example") ||
			strings.HasSuffix(own.text, "own_recipients") && l.receiver == "clerk@company.local"
	})
}

// closed reports whether an address is protected: it is in the list, or an address in the list is of one account alone,
// and so is this one.
func (c company) closed(address string) bool {
	return slices.Contains(c.protected, address) || slices.ContainsFunc(c.users, func(u user) bool {
		his := []string{u.uid}
		return slices.Contains(u.addresses(), address) && c.alone(address, his) &&
			slices.ContainsFunc(c.protected, func(p string) bool { return slices.Contains(u.addresses(), p) && c.alone(p, his) })
	})
}

// alone reports whether an address belongs to these accounts and to nobody and nothing else.
func (c company) alone(address string, uids []string) bool {
	owned := false
	for _, u := range c.users {
		if slices.Contains(u.addresses(), address) {
			if !slices.Contains(uids, u.uid) {
				return false
			}
			owned = true
		}
	}
	return owned && !slices.ContainsFunc(c.groups, func(g group) bool { return g.address == address })
}

// mayWriteAs: own addresses, rights of the list, the administrator's own map, which names logins as they are typed; the
// null sender has no owner.
func (c company) mayWriteAs(l letter) bool {
	uid, sender := l.uid, l.sender
	if sender == "" || slices.Contains(c.own.entries[sender], l.login) {
		return true
	}
	i := slices.IndexFunc(c.users, func(u user) bool { return u.uid == uid })
	if slices.Contains(c.users[i].addresses(), sender) {
		return true
	}
	if c.groupSenders && slices.ContainsFunc(c.groups, func(g group) bool { return g.address == sender && g.has(c.users[i]) }) {
		return true
	}
	_, domain, _ := strings.Cut(sender, "@")
	return slices.ContainsFunc(c.rights, func(r right) bool {
		return r.uid == uid && (slices.Contains(r.as, sender) || slices.Contains(r.as, "@"+domain))
	})
}

// has reports whether an account is a member: of a group by its uid, of a list by one of its addresses.
func (g group) has(u user) bool {
	if !g.list {
		return slices.Contains(g.members, u.uid)
	}
	return slices.ContainsFunc(u.addresses(), func(address string) bool { return slices.Contains(g.members, address) })
}

func (c company) outward(l letter) bool {
	_, domain, _ := strings.Cut(l.receiver, "@")
	return !slices.Contains(hosted, domain) && l.receiver != "postmaster"
}

// ours reports whether a sender is in a hosted domain, in a sub-domain, or an address of this server.
func (c company) ours(sender string) bool {
	_, domain, _ := strings.Cut(sender, "@")
	return slices.ContainsFunc(hosted, func(d string) bool { return domain == d || strings.HasSuffix(domain, "."+d) }) ||
		domain == "localhost" || domain == "[203.0.113.1]"
}

// relays reports whether control relay lets a client relay: the domain controllers of the directory, and the systems
// that the registry names.
func (c company) relays(l letter) bool {
	seen := l.address()
	controllers := []string{"10.99.1.1", "10.99.1.10", "10.99.1.20", "10.99.1.21"}
	if c.ipv6 {
		controllers = append(controllers, "fd99:1::1", "fd99:1::10", "fd99:1::30")
	}
	for _, s := range c.servers {
		if s.controller {
			controllers = append(controllers, s.address)
		}
	}
	return slices.Contains(controllers, seen.String()) || slices.ContainsFunc(c.systems, func(s string) bool {
		if !strings.Contains(s, "/") {
			s += "/32"
		}
		return netip.MustParsePrefix(s).Contains(seen)
	})
}

// insider reports whether a client is in mynetworks.
func (c company) insider(l letter) bool {
	return netip.MustParsePrefix("127.0.0.0/8").Contains(l.address()) || c.relays(l)
}

// exempt reports whether a client may write as one of ours without being allowed to relay: this server itself, and the
// other mail servers of the directory.
func (c company) exempt(l letter) bool {
	seen := l.from.seen
	return slices.Contains([]string{"203.0.113.1", "10.99.1.1", "::1", "fd99:1::1"}, seen) ||
		slices.ContainsFunc(c.servers, func(s server) bool { return s.smtp && s.address == seen })
}
