package controls

import (
	"maps"
	"net/netip"
	"slices"
	"strings"

	"ucs-harden/access"
	"ucs-harden/identity"
	"ucs-harden/lists"
	"ucs-harden/rules"
)

// Listings are the lists that a configuration has in force: what its tables and
// LDAP maps say.
type Listings struct {
	suspended, localOnly *accounts
	destinations         map[string]string
	// protected are recipients by what their table says: a refusal, or the class
	// of a list of senders; senders are these lists, by class.
	insiders, protected map[string]string
	senders             map[string]map[string]string
	hosted              []string
	systems             []network
	inside              map[string]string
}

// ReadListings reads the tables that restriction lists name. restrictions is
// the text of the lists, read gives the tables, nil for one that is not there.
// Where an LDAP map is asked, people stand for its answers.
func ReadListings(restrictions string, read func(path string) []byte, people People, domains []string) Listings {
	entries := func(name string) map[string]string {
		out := map[string]string{}
		if strings.Contains(restrictions, table(name)) {
			for _, e := range access.Parse(read(table(name))) {
				out[e.Key] = e.Action
			}
		}
		return out
	}
	pair := func(control string) *accounts {
		return &accounts{senders: entries(control + "-senders"), logins: entries(control + "-logins")}
	}
	l := Listings{
		suspended: pair(suspended{}.name()), localOnly: pair(localOnly{}.name()),
		destinations: entries(localOnly{}.name() + "-destinations"),
		insiders:     entries(protected{}.name() + "-clients"), protected: map[string]string{}, senders: map[string]map[string]string{},
		hosted: domains, inside: entries(foreignSender{}.name() + "-inside"),
	}
	for _, name := range protectedTables(restrictions) {
		for address, class := range entries(name) {
			l.protected[address] = class
			l.senders[class] = entries(protected{}.name() + "-senders-" + strings.TrimPrefix(class, sendersClass))
		}
	}
	for prefix, action := range entries(foreignSender{}.name() + "-clients.cidr") {
		if p, err := netip.ParsePrefix(prefix); err == nil {
			l.systems = append(l.systems, network{p, action})
		}
	}
	if strings.Contains(restrictions, "ldap:"+mapPrefix+suspended{}.name()) {
		for _, a := range people.Suspended {
			l.suspended.add(a, "REJECT")
		}
	}
	if strings.Contains(restrictions, "ldap:"+mapPrefix+localOnly{}.name()) {
		for _, members := range people.Members {
			for _, a := range members {
				l.localOnly.add(a, LocalOnlyClass)
			}
		}
	}
	return l
}

// Restricted are the members of the groups that local-only names and that
// count today, by DN: those whom its LDAP map finds.
func (f *Facts) Restricted() map[string][]identity.Account {
	out := map[string][]identity.Account{}
	for _, l := range lists.Read(f.Registry, localOnly{}.name()) {
		if dn, ok := f.People.Groups[l.Group]; ok && l.Fault(localOnly{}.name()) == "" && !l.Expired(f.Today) {
			out[dn] = f.People.Members[dn]
		}
	}
	return out
}

// protectedTables are the names of the tables of recipients with a list of
// senders that are named as a check.
func protectedTables(restrictions string) []string {
	var out []string
	prefix := "check_recipient_access " + defaultTableType + ":" + table(protected{}.name()+"-")
	for _, part := range strings.Split(restrictions, prefix)[1:] {
		name, _, _ := strings.Cut(part, ",")
		if name = strings.Fields(name + " -")[0]; name != "clients" {
			out = append(out, protected{}.name()+"-"+name)
		}
	}
	return out
}

// Samples are a few of what the lists are about, for who wants to try them: the
// first of each, in order of their names.
type Samples struct {
	// Suspended and LocalOnly are senders and logins of accounts.
	Suspended, LocalOnly []string
	// Destinations are domains and addresses beyond the hosted domains.
	Destinations []string
	// Insiders and BySenders are protected recipients; Admitted are senders, or
	// domains of senders, of the latter, in the same order.
	Insiders, BySenders, Admitted []string
}

// Samples are at most n of each.
func (l Listings) Samples(n int) Samples {
	first := func(m map[string]string, fit func(string) bool) []string {
		var out []string
		for _, key := range slices.Sorted(maps.Keys(m)) {
			if len(out) < n && fit(key) {
				out = append(out, key)
			}
		}
		return out
	}
	any := func(string) bool { return true }
	names := func(t *accounts) []string {
		if t == nil {
			return nil
		}
		return slices.Concat(first(t.senders, any), first(t.logins, lists.IsLogin))
	}
	s := Samples{
		Suspended:    names(l.suspended),
		LocalOnly:    names(l.localOnly),
		Destinations: first(l.destinations, func(key string) bool { return rules.SenderOf(key, l.hosted) == rules.Foreign }),
		Insiders:     first(l.insiders, any), BySenders: first(l.protected, any),
	}
	for _, recipient := range s.BySenders {
		s.Admitted = append(s.Admitted, append(first(l.senders[l.protected[recipient]], any), "")[0])
	}
	return s
}

// Mark tells a letter what the lists say of it.
func (l Listings) Mark(letter *rules.Letter, client netip.Addr) {
	sender, recipient := strings.ToLower(letter.Sender), strings.ToLower(letter.Recipient)
	login := strings.ToLower(letter.Login)
	in := func(t *accounts) bool {
		return t != nil && (login != "" && t.logins[login] != "" || sender != "" && t.senders[sender] != "")
	}
	letter.Suspended, letter.Guard = in(l.suspended), l.guard(recipient, sender)
	letter.Unfitting = l.watched(client) && !l.fits(sender)
	if in(l.localOnly) {
		letter.Bound = rules.Beyond
		if to := l.destinations; to[recipient] != "" || to[domainOf(recipient)] != "" {
			letter.Bound = rules.Within
		}
	}
}

// guard is what protects a recipient from a sender.
func (l Listings) guard(recipient, sender string) rules.Guard {
	class, bySenders := l.protected[recipient]
	switch {
	case !bySenders && l.insiders[recipient] == "":
		return 0
	case !bySenders:
		return rules.Insiders
	case sender == "" || l.senders[class][sender] == "" && l.senders[class][domainOf(sender)] == "":
		return rules.NotAdmitted
	case rules.SenderOf(sender, l.hosted) != rules.Foreign:
		return rules.AdmittedAsOurs
	}
	return rules.Admitted
}

// watched reports whether a client is a system whose senders are looked at. An
// exception comes before what it is an exception of.
func (l Listings) watched(client netip.Addr) bool {
	watched := false
	for _, n := range l.systems {
		if n.prefix.Contains(client.Unmap()) {
			if n.action != foreignClass {
				return false
			}
			watched = true
		}
	}
	return watched
}

// fits reports whether a system may use a sender.
func (l Listings) fits(sender string) bool {
	if !strings.Contains(sender, "@") {
		return true // none, or in this server's own domain
	}
	domain := domainOf(sender)
	for range deepest + 1 {
		if l.inside[domain] != "" {
			return true
		}
		_, domain, _ = strings.Cut(domain, ".")
	}
	return false
}

func domainOf(address string) string { return address[strings.LastIndexByte(address, '@')+1:] }
