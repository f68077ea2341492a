package evidence_test

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"ucs-harden/evidence"
	"ucs-harden/hostnet"
	"ucs-harden/identity"
	"ucs-harden/inside"
	"ucs-harden/maillog"
	"ucs-harden/owners"
	"ucs-harden/rules"
)

var today = time.Date(2026, 11, 29, 12, 0, 0, 0, time.UTC)

var (
	boss  = identity.Account{UID: "boss", Primary: "boss@company.my", DN: "uid=boss,cn=users,dc=company,dc=my"}
	clerk = identity.Account{UID: "clerk", Primary: "clerk@company.my", Alternatives: []string{"team@company.my"}, DN: "uid=clerk,cn=users,dc=company,dc=my"}
	anna  = identity.Account{UID: "anna", Primary: "anna@company.my", Alternatives: []string{"team@company.my"}, DN: "uid=anna,cn=users,dc=company,dc=my"}
	// An application without a mailbox; a shared folder.
	ticket  = identity.Account{UID: "ticket", DN: "uid=ticket,cn=users,dc=company,dc=my"}
	support = identity.Account{Primary: "support@company.my"}
	sales   = identity.Group{Name: "sales", Address: "sales@company.my", Members: []identity.Account{anna, boss}}
	staff   = identity.Group{Name: "staff", Address: "staff@company.my", List: true, Members: []identity.Account{clerk}}
)

func prefix(p string) netip.Prefix { return netip.MustParsePrefix(p) }

// company are the facts of the company of the tests.
func company() evidence.Facts {
	f := evidence.Facts{
		At: today, Host: "mail.company.my", Ours: ours,
		Coverage: maillog.Coverage{From: today.AddDate(0, 0, -60), To: today},
		Inside: inside.Facts{
			Interfaces: []hostnet.Interface{
				{Name: "lan", Prefixes: []netip.Prefix{prefix("10.99.1.1/24")}},
				{Name: "wan", Prefixes: []netip.Prefix{prefix("203.0.113.1/24")}},
				{Name: "dmz", Prefixes: []netip.Prefix{prefix("198.18.7.1/29"), prefix("192.0.2.1/29")}},
			},
			RelayHosts: []inside.RelayHost{{Name: "[smtp.smarthost.example]:587", Addresses: []netip.Addr{addr("198.51.100.44")}}},
			Proxies:    []netip.Addr{addr("198.51.100.1")},
		},
		Controllers: []identity.Host{{Name: "dc2.company.my", Addresses: []netip.Addr{addr("10.99.1.10")}}},
		Computers: []identity.Host{
			{Name: "mail2.company.my", DN: "cn=mail2,cn=computers,dc=company,dc=my", Type: "computers/memberserver", Addresses: []netip.Addr{addr("10.99.1.25")}},
			{Name: "printer.company.my", DN: "cn=printer,cn=computers,dc=company,dc=my", Type: "computers/ipmanagedclient", Addresses: []netip.Addr{addr("10.99.1.60")}},
		},
		Book: owners.New(boss, clerk, anna, ticket, support,
			identity.Account{Primary: sales.Address}, identity.Account{Primary: staff.Address}),
		Groups: []identity.Group{sales, staff},
	}
	f.Judge = judgeOf(&f)
	return f
}

// letter is what the log of warn says of a number of letters, all on one day, or on so many days, which are every days apart.
type letter struct {
	control, client, name, helo, login, sender, to string
	count, days, every                             int
	returned, early                                bool // early: 50 days before
	id                                             string
}

// log makes a digest of letters.
func log(letters ...letter) *evidence.Digest {
	d := evidence.NewDigest()
	var adds []func()
	var times []time.Time
	for _, l := range letters {
		port := 25
		if l.control == "submission" || l.login != "" {
			port = 587
		}
		if l.to == "" {
			l.to = "clerk@company.my"
		}
		m := evidence.Message{Port: port, Client: addr(l.client), ClientName: l.name, Login: l.login, Sender: l.sender, Recipient: l.to}
		for i := range max(1, l.count) {
			at := today.AddDate(0, 0, -1).Add(time.Duration(i)*time.Second).AddDate(0, 0, -max(1, l.every)*(i%max(1, l.days)))
			if l.early {
				at = at.AddDate(0, 0, -50)
			}
			id := l.id
			if id == "" {
				id = fmt.Sprintf("%d.%s@mail.company.my", i, l.sender)
			}
			times = append(times, at)
			adds = append(adds, func() {
				d.Add(ours.KeyOf(l.control, m), evidence.Sample{
					Time: at, Source: evidence.FromWarn, Port: port, Client: m.Client, ClientName: l.name, Helo: l.helo,
					Login: l.login, Sender: l.sender, Recipient: l.to, MessageID: id,
				}, l.returned)
			})
		}
	}
	inOrder := make([]int, len(adds))
	for i := range inOrder {
		inOrder[i] = i
	}
	slices.SortStableFunc(inOrder, func(a, b int) int { return times[a].Compare(times[b]) })
	for _, i := range inOrder {
		adds[i]()
	}
	return d
}

// judgeOf is a judge for the company: port 25 takes senders of ours from nobody, port 587 from their owners.
func judgeOf(f *evidence.Facts) evidence.Judge {
	refuse := func(control string) rules.Ruling {
		return rules.Ruling{Rule: rules.Rule{Control: control, Effect: rules.Refuse}}
	}
	accept := rules.Ruling{Rule: rules.Rule{Effect: rules.Unchanged}}
	return func(m evidence.Message, c *evidence.Change) rules.Ruling {
		if c == nil {
			c = &evidence.Change{}
		}
		domain := m.Sender[strings.LastIndexByte(m.Sender, '@')+1:]
		switch {
		case m.Port == 25 && slices.ContainsFunc(c.Exceptions, func(e rules.Exception) bool { return e.Admits(m.Client, m.Sender) }):
			return accept
		case m.Port == 25 && slices.ContainsFunc(f.Inside.Servers, func(h identity.Host) bool { return slices.Contains(h.Addresses, m.Client) }):
			return accept
		case m.Port == 25:
			return refuse("sender-spoofing")
		case strings.HasSuffix(m.Recipient, "@partner.example"):
			return refuse("local-only")
		case m.Login == "":
			return refuse("submission")
		case f.Book.Owns(m.Login, m.Sender), slices.Contains(c.Addresses[m.Sender], m.Login), slices.Contains(c.Domains[domain], m.Login):
			return accept
		}
		return refuse("submission")
	}
}
