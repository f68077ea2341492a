package rehearsal

import (
	"net/netip"
	"slices"
	"strings"

	"ucs-harden/controls"
	"ucs-harden/identity"
	"ucs-harden/owners"
	"ucs-harden/privatepostfix"
	"ucs-harden/rules"
)

// letter is what a configuration knows of a dialogue: where it comes from,
// who holds the sender address, who logs in (nil: nobody the directory
// knows), and what the recipient is. Where AUTH is off there is no login.
func (s Side) letter(
	d privatepostfix.Dialogue, client rules.Client, sender rules.Sender, holders []identity.Account,
	login *identity.Account, recipient rules.Recipient,
) rules.Letter {
	l := rules.Letter{
		Port: d.Port, Client: client, Sender: d.Sender, SenderIs: sender,
		Owner: rules.Nobody, Recipient: d.Recipient, RecipientIs: recipient,
	}
	if s.auth(d) {
		l.Login = d.Login
	}
	switch {
	case len(holders) == 0:
	case l.Login != "" && login != nil && among(*login, holders):
		l.Owner = rules.TheLogin
	default:
		l.Owner = rules.Somebody
	}
	l.RelayRefused = s.service(d).refusesRelaying(l)
	s.Listings.Mark(&l, d.Client)
	return l
}

// Letters are what today's configuration and that of the plan know of any
// dialogue. people are those whose names it holds: logins and addresses, lists
// and groups without a UID included.
func (f Facts) Letters(d privatepostfix.Dialogue, people []identity.Account) (today, planned rules.Letter) {
	return f.Court(people).Letters(d)
}

// own are the hosted domains, and the names and addresses of this server.
func (f Facts) own() []string { return f.Inside.Own(f.Domains) }

// clientIs is what any client is to the two configurations.
func (f Facts) clientIs(a netip.Addr) (today, planned rules.Client) { return f.Court(nil).clientIs(a) }

func (c *Court) clientIs(a netip.Addr) (today, planned rules.Client) {
	f := c.Facts
	a = a.Unmap().WithZone("")
	listedToday, listed := c.networksToday.Covers(a), c.networks.Covers(a)
	as := rules.Listed
	switch {
	case slices.ContainsFunc(f.Controllers, func(h identity.Host) bool { return slices.Contains(h.Addresses, a) }):
		as, listed = rules.Controller, listed || controls.LetsRelay(f.Plan.Modes)
	case listedToday != listed && !a.IsLoopback():
		as = rules.Named // control relay alone adds and takes away
	}
	today, planned = kind(f.Today, listedToday, as), kind(f.Plan, listed, as)
	for side, is := range map[*Side]*rules.Client{&f.Today: &today, &f.Plan: &planned} {
		if *is == rules.Unlisted {
			*is = f.kindOf(*side, a)
		}
	}
	known := today != rules.Unlisted || planned != rules.Unlisted
	if !known && !a.IsPrivate() && !a.IsLoopback() && !a.IsLinkLocalUnicast() {
		today, planned = rules.Stranger, rules.Stranger
	}
	return today, planned
}

// recipientIs is the kind of any recipient, as far as the directory tells: a
// domain may turn out not to exist.
func (f Facts) recipientIs(address string, book *owners.Book) rules.Recipient {
	local, domain, found := strings.Cut(address, "@")
	switch {
	case !found && strings.EqualFold(local, "postmaster"):
		return rules.Postmaster
	case found && !slices.Contains(f.Domains, strings.ToLower(domain)):
		if f.Inside.TakesMail(domain) {
			return rules.Known // whom this server takes there, the directory does not know
		}
		return rules.Elsewhere
	case len(book.Of(address)) > 0:
		return rules.Known
	}
	return rules.Unknown
}

// loginOf is who logs in with a name: the uid or the primary address.
func loginOf(name string, book *owners.Book) *identity.Account {
	if found := book.LogsIn(name); len(found) > 0 {
		return &found[0]
	}
	return nil
}

func among(a identity.Account, all []identity.Account) bool {
	return slices.ContainsFunc(all, func(b identity.Account) bool { return owners.Same(a, b) })
}
