// Package companies_test makes companies that nobody thought of: random owners of addresses, groups, servers, networks,
// login maps, ports, and administrator's lines in every list that smtpd(8) asks. In each company it puts the same
// messages from the same clients to the live mail server of the lab, before, in warn, in enforce and after the rollback,
// through to the reply after the final dot. It holds that
//
//   - warn refuses nothing that was accepted,
//   - enforce refuses what the controls promise and nothing else (see oracle),
//   - nobody relays who could not before, except the systems that the plan lets relay,
//   - a private Postfix answers as the live one, or names the policy service that decides,
//   - the rollback is exact.
//
// A company follows from its seed alone. `make test` makes three of them, `make soak` 200. For others:
//
//	go test ./tests/companies -seed 17 -companies 1 -v
package companies_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"

	"ucs-harden/tests/lab"
)

// company is what was drawn from a seed.
type company struct {
	seed uint64
	face lab.Face

	users   []user
	groups  []group
	servers []server

	// port is the port for mail from other servers. further are the ports of additional smtpd services in
	// master.cf.local, with their options.
	port    int
	further map[int]string
	ipv6    bool
	systems []string // mail/harden/relay/systems

	own   ownMap
	lines []line
	// policy is the list in which a policy service of the administrator is asked, "" for none.
	policy string

	// suspended and restricted are uids. The account leaver is marked in the directory, too. protected are addresses.
	suspended, restricted, protected []string
	rights                           []right
	// groupSenders: the members of groups and lists may write as the address of the group.
	groupSenders bool
}

// user is a mail account. Its password is "lab-" and the uid.
type user struct {
	uid, primary string
	alternatives []string
}

func (u user) addresses() []string { return append([]string{u.primary}, u.alternatives...) }

// group is a group (members are uids) or a mailing list (members are addresses) with an address of its own.
type group struct {
	name, address string
	list          bool
	members       []string
}

// server is a computer object of the directory.
type server struct {
	name, address string
	controller    bool
	smtp          bool
}

// right lets a login write as further addresses and domains.
type right struct {
	uid string
	as  []string
}

// ownMap is a login map of the administrator, and a check that uses it. place is where the map stands: main.cf.local or
// the -o options of submission. list is the list that holds the check.
type ownMap struct {
	place, list, check string
	entries            map[string][]string // address → logins
}

// line is a restriction that the administrator has put into a list: one of main.cf, or a key of the recipient list.
type line struct{ list, key, text string }

// draw makes the company of a seed.
func draw(seed uint64) company {
	r := rand.New(rand.NewPCG(seed, 0x756373))
	c := company{seed: seed, port: 25, further: map[int]string{}}
	if r.IntN(4) == 0 {
		c.face = lab.UCS50
	}
	c.drawPeople(r)
	c.drawNetwork(r)
	c.drawOwnMap(r)
	c.drawLines(r)
	c.drawLists(r)
	c.drawPolicy(r)
	return c
}

// some draws each of several things with the chance of one in n.
func some[T any](r *rand.Rand, n int, all ...T) (out []T) {
	for _, one := range all {
		if r.IntN(n) == 0 {
			out = append(out, one)
		}
	}
	return out
}

func one[T any](r *rand.Rand, all ...T) T { return all[r.IntN(len(all))] }

// drawPeople gives the accounts of the lab further addresses, some of them shared, and makes new accounts and groups.
func (c *company) drawPeople(r *rand.Rand) {
	for _, uid := range []string{"employee", "boss", "clerk", "intern", "leaver"} {
		u := lab.Users[uid]
		c.users = append(c.users, user{uid, u.Mail, slices.Clone(u.Alternatives)})
	}
	for _, odd := range some(r, 3, "max", "anne.lise", "m_sc") {
		c.users = append(c.users, user{odd, odd + "@company.my", nil})
	}
	shared := some(r, 2, "info@company.my", "sales@company.local", "team@company.my")
	for _, address := range shared {
		for _, i := range r.Perm(len(c.users))[:1+r.IntN(3)] {
			c.users[i].alternatives = append(c.users[i].alternatives, address)
		}
	}
	if r.IntN(4) == 0 { // an alternative address that is the primary one of somebody else
		i, j := r.IntN(len(c.users)), r.IntN(len(c.users))
		if i != j && !slices.Contains(c.users[i].alternatives, c.users[j].primary) {
			c.users[i].alternatives = append(c.users[i].alternatives, c.users[j].primary)
		}
	}
	c.groups = []group{
		{"office", "office@company.my", false, []string{"employee", "boss"}},
		{"staff", "staff@company.my", true, []string{"employee@company.my", "boss@company.my"}},
	}
	if r.IntN(2) == 0 {
		c.groups = append(c.groups, group{"desk", one(r, append(shared, "desk@company.my")...), false, c.someUIDs(r)})
	}
}

func (c *company) someUIDs(r *rand.Rand) (uids []string) {
	for _, u := range some(r, 2, c.users...) {
		uids = append(uids, u.uid)
	}
	if len(uids) == 0 {
		uids = []string{c.users[0].uid}
	}
	return uids
}

func (c *company) drawNetwork(r *rand.Rand) {
	if r.IntN(5) == 0 {
		c.port = 2525
	}
	c.ipv6 = r.IntN(3) == 0
	for _, port := range some(r, 4, 10587, 3325) {
		c.further[port] = map[int]string{
			3325:  "",
			10587: " -o smtpd_tls_security_level=encrypt -o smtpd_sasl_auth_enable=yes",
		}[port]
	}
	switch r.IntN(4) {
	case 0:
		c.servers = append(c.servers, server{"mail2", "10.99.1.50", false, true})
	case 1:
		c.systems = []string{one(r, "10.99.1.50", "10.99.1.48/29")}
	case 2:
		c.servers = append(c.servers, server{"dc3", "10.99.1.50", true, false})
	}
}

// mapChecks are the restrictions that ask the login map (postconf(5)).
var mapChecks = []string{
	"reject_sender_login_mismatch", "reject_authenticated_sender_login_mismatch",
	"reject_known_sender_login_mismatch", "reject_unauthenticated_sender_login_mismatch",
}

func (c *company) drawOwnMap(r *rand.Rand) {
	if r.IntN(3) > 0 {
		if r.IntN(5) == 0 { // a check without a map
			c.lines = append(c.lines, line{one(r, "sender", "data", "end_of_data"), "", one(r, mapChecks...)})
		}
		return
	}
	c.own = ownMap{
		place: one(r, "main.cf.local", "option"), list: one(r, "sender", "data", "end_of_data", ""),
		check: one(r, mapChecks...), entries: map[string][]string{},
	}
	for _, u := range some(r, 2, c.users...) {
		for _, address := range u.addresses() {
			c.own.entries[address] = []string{u.uid}
		}
	}
	for _, address := range some(r, 2, "office@company.my", "info@company.my", "ticket@company.local") {
		c.own.entries[address] = c.someUIDs(r)
	}
}

// drawLines draws restrictions that need no DNS and no policy service.
func (c *company) drawLines(r *rand.Rand) {
	add := func(list, key, text string) { c.lines = append(c.lines, line{list, key, text}) }
	for _, list := range some(r, 3, "client", "helo", "sender", "recipient", "data", "end_of_data") {
		switch list {
		case "client":
			add(list, "", one(r, "check_client_access cidr:/etc/postfix/own_clients", "permit_mynetworks"))
		case "helo":
			add(list, "", one(r, "check_helo_access inline:{bad.example=REJECT}", "reject_invalid_helo_hostname"))
		case "sender":
			add(list, "", one(r, "check_sender_access hash:/etc/postfix/own_senders", "reject_non_fqdn_sender"))
		case "recipient":
			add(list, one(r, "05", "35", "55-own", "60", "75", "100"), one(r,
				"check_recipient_access hash:/etc/postfix/own_recipients", "reject_non_fqdn_recipient",
				"check_sender_access hash:/etc/postfix/own_senders", "warn_if_reject reject_non_fqdn_helo_hostname"))
		case "data":
			add(list, "", one(r, "reject_multi_recipient_bounce", "check_sender_access hash:/etc/postfix/own_senders"))
		case "end_of_data":
			add(list, "", "check_recipient_access hash:/etc/postfix/own_recipients")
		}
	}
	if c.face == lab.UCS52 && r.IntN(5) == 0 {
		add("relay", "", "permit_mynetworks, permit_sasl_authenticated, reject_unauth_destination")
	}
}

// drawPolicy puts a policy service into a list, in front of the administrator's other lines there or behind them.
func (c *company) drawPolicy(r *rand.Rand) {
	if r.IntN(3) > 0 {
		return
	}
	c.policy = one(r, "client", "sender", "recipient", "data", "end_of_data")
	asked := line{c.policy, one(r, "05", "35", "60"), one(r, "check_policy_service "+policyService,
		"check_policy_service { "+policyService+", timeout=10s, default_action=DUNNO }")}
	if r.IntN(2) == 0 {
		c.lines = append(c.lines, asked)
	} else {
		c.lines = slices.Insert(c.lines, 0, asked)
	}
}

func (c *company) drawLists(r *rand.Rand) {
	c.suspended = []string{"leaver"}
	for _, u := range some(r, 4, c.users...) {
		if u.uid != "leaver" {
			c.suspended = append(c.suspended, u.uid)
		}
	}
	for _, u := range some(r, 4, c.users...) {
		c.restricted = append(c.restricted, u.uid)
	}
	c.protected = some(r, 3, "staff@company.my", "office@company.my", "info@company.my")
	for _, u := range some(r, 5, c.users...) {
		c.rights = append(c.rights, right{u.uid, some(r, 2, "ticket@company.my", "boss@company.my", "@company.local", "@partner.example")})
	}
	c.groupSenders = r.IntN(3) == 0
	c.rights = slices.DeleteFunc(c.rights, func(x right) bool { return len(x.as) == 0 })
}

// String is the company for the reader of a failed test.
func (c company) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "company %d on the face %v, mail port %d, further %v, IPv6 %v\n", c.seed, c.face, c.port, c.further, c.ipv6)
	for _, u := range c.users {
		fmt.Fprintf(&b, "  user %s %s\n", u.uid, u.addresses())
	}
	for _, g := range c.groups {
		fmt.Fprintf(&b, "  group or list %s %s, list %v: %s\n", g.name, g.address, g.list, g.members)
	}
	fmt.Fprintf(&b, "  servers %v, systems that relay %v\n", c.servers, c.systems)
	if c.own.place != "" {
		fmt.Fprintf(&b, "  login map in %s: %v, %s in %q\n", c.own.place, c.own.entries, c.own.check, c.own.list)
	}
	for _, l := range c.lines {
		fmt.Fprintf(&b, "  line in %s %s: %s\n", l.list, l.key, l.text)
	}
	fmt.Fprintf(&b, "  suspended %v, restricted %v, protected %v, rights %v, all groups %v\n",
		c.suspended, c.restricted, c.protected, c.rights, c.groupSenders)
	return b.String()
}
