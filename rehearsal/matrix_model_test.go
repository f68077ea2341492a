package rehearsal

import (
	"context"
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"

	"ucs-harden/controls"
	"ucs-harden/identity"
	"ucs-harden/mynetworks"
	"ucs-harden/plan"
	"ucs-harden/privatepostfix"
	"ucs-harden/smtpdaccess"
)

// smtpd is a model of smtpd(8): it walks through a restriction list as postconf(5) describes it, and knows nothing of
// the table of rules.
type smtpd struct {
	lists    map[int][]string // recipient restrictions by port
	relay    []string         // relay restrictions, asked first
	networks string
	auth     map[int]bool
	logins   map[string][]string  // the login map: address → owners
	quota    privatepostfix.Reply // what the policy service says
	accounts []string             // addresses that exist
	mute     bool                 // does not log
}

var (
	ok          = privatepostfix.Reply{Code: 250, Enhanced: "2.1.5", Text: "Ok"}
	brokenTable = privatepostfix.Reply{Code: 451, Enhanced: "4.3.5", Text: "<x>: Sender address rejected: Server configuration error"}
	deadService = privatepostfix.Reply{Code: 451, Enhanced: "4.3.5", Text: "<x>: Recipient address rejected: Server configuration problem"}
)

func modes(mode plan.Mode) map[string]plan.Mode {
	all := map[string]plan.Mode{}
	for _, name := range controls.Names() {
		all[name] = mode
	}
	return all
}

// company is a server as it is installed, seen by a plan that changes the modes from one to another.
func company(today, planned plan.Mode) Facts {
	side := func(mode plan.Mode) Side {
		s := Side{Modes: modes(mode), Networks: "127.0.0.0/8", Ports: map[int]bool{25: false, 465: true, 587: true}}
		if mode != plan.Off {
			s.Networks += " 10.99.1.1/32 10.99.1.10/32"
		}
		return s
	}
	return Facts{
		Hostname: "mail.company.my", Domains: []string{"company.local", "company.my"}, Foreign: "foreign.example",
		Controllers: []identity.Host{
			{Name: "mail.company.my", Addresses: []netip.Addr{netip.MustParseAddr("10.99.1.1")}},
			{Name: "dc2.company.my", Addresses: []netip.Addr{netip.MustParseAddr("10.99.1.10"), netip.MustParseAddr("fd99:1::10")}},
		},
		Users: []identity.Account{
			{UID: "boss", Primary: "boss@company.my", Alternatives: []string{"chief@company.my"}},
			{UID: "employee", Primary: "employee@company.my", Alternatives: []string{"e.mployee@company.my"}},
			{UID: "clerk", Primary: "clerk@company.local", Alternatives: nil},
		},
		Today: side(today), Plan: side(planned),
	}
}

// The relay restrictions of UCS 5.2, and those with a table of the administrator. UCS 5.0 has none.
var (
	stockRelay = []string{"permit_mynetworks", "permit_sasl_authenticated", "defer_unauth_destination"}
	tableRelay = []string{"permit_mynetworks", "permit_sasl_authenticated", "friends", "defer_unauth_destination"}
)

// withRelay says what the relay restrictions of both sides are.
func withRelay(f Facts, relay []string) Facts {
	services := map[int]Service{}
	for _, port := range []int{25, 465, 587} {
		var s Service
		for _, restriction := range relay {
			if restriction == "friends" {
				restriction = "check_client_access hash:/etc/postfix/friends"
			}
			p := place(restriction, smtpdaccess.Relay, "")
			p.Origin = "Postfix's default for compatibility_level = 3.6"
			s.Places = append(s.Places, p)
		}
		s.Places = append(s.Places, place("reject_unauth_destination", main25, recipients+"50"))
		services[port] = s
	}
	f.Today.Services, f.Plan.Services = services, services
	return f
}

// server is that server's smtpd in a mode.
func server(mode plan.Mode) *smtpd {
	f := company(mode, mode)
	s := &smtpd{networks: f.Today.Networks, auth: f.Today.Ports, quota: privatepostfix.Reply{}, logins: map[string][]string{}}
	for _, u := range f.Users {
		for _, a := range append([]string{u.Primary}, u.Alternatives...) {
			s.logins[a] = []string{u.UID, u.Primary}
			s.accounts = append(s.accounts, a)
		}
	}
	main := []string{"permit_mynetworks", "permit_sasl_authenticated", "reject_unauth_destination", "reject_unlisted_recipient", "quota"}
	own := main
	switch mode {
	case plan.Warn:
		main = slices.Insert(slices.Clone(main), 3, "warn spoofing")
		own = append([]string{"warn mismatch", "warn unknown_domain", "permit_sasl_authenticated", "warn reject"}, main...)
	case plan.Enforce:
		main = slices.Insert(slices.Clone(main), 3, "spoofing")
		own = []string{"mismatch", "unknown_domain", "permit_sasl_authenticated", "quota", "reject"}
	}
	s.lists = map[int][]string{25: main, 465: own, 587: own}
	return s
}

func (s *smtpd) play(_ context.Context, dialogues []privatepostfix.Dialogue) ([]privatepostfix.Reply, error) {
	replies := make([]privatepostfix.Reply, len(dialogues))
	for i, d := range dialogues {
		replies[i] = s.answer(d)
		replies[i].At, replies[i].Transcript = privatepostfix.AtRcpt, []string{"S: " + replies[i].String()}
		if s.mute {
			replies[i].Log = nil
		}
	}
	return replies, nil
}

func (s *smtpd) answer(d privatepostfix.Dialogue) privatepostfix.Reply {
	if d.Recipient == "postmaster" {
		return ok
	}
	var log []string
	list := s.lists[d.Port]
	if list == nil {
		return privatepostfix.Reply{}
	}
	for _, restriction := range s.relay {
		if reply, decided := s.check(restriction, d); decided {
			if reply != nil {
				reply.Log = []string{"NOQUEUE: reject: RCPT from x[203.0.113.66]: " + reply.String()}
				return *reply
			}
			break
		}
	}
	for _, restriction := range append(slices.Clone(list), "reject_unlisted_recipient") {
		check, warns := strings.CutPrefix(restriction, "warn ")
		reply, decided := s.check(check, d)
		if !decided {
			continue
		}
		if warns {
			log = append(log, fmt.Sprintf("NOQUEUE: reject_warning: RCPT from x[203.0.113.66]: %s", reply))
			continue
		}
		if reply == nil {
			break
		}
		reply.Log = append(log, "NOQUEUE: reject: RCPT from x[203.0.113.66]: "+reply.String())
		return *reply
	}
	if reply, refused := s.check("reject_unlisted_recipient", d); refused {
		reply.Log = append(log, "NOQUEUE: reject: RCPT from x[203.0.113.66]: "+reply.String())
		return *reply
	}
	accepted := ok
	accepted.Log = log
	return accepted
}

// check returns whether a restriction decides, and what; nil is a permit.
func (s *smtpd) check(name string, d privatepostfix.Dialogue) (*privatepostfix.Reply, bool) {
	owners := s.logins[strings.ToLower(d.Sender)]
	login := d.Login
	if !s.auth[d.Port] {
		login = ""
	}
	hosted := func(address string) bool {
		return strings.HasSuffix(address, "@company.my") || strings.HasSuffix(address, "@company.local")
	}
	refuse := func(is bool, code int, enhanced, text string) (*privatepostfix.Reply, bool) {
		return &privatepostfix.Reply{Code: code, Enhanced: enhanced, Text: text}, is
	}
	switch name {
	case "permit":
		return nil, true
	case "permit_mynetworks":
		return nil, slices.ContainsFunc(mynetworks.Parse(s.networks).Prefixes(), func(p netip.Prefix) bool { return p.Contains(d.Client) })
	case "permit_sasl_authenticated":
		return nil, login != ""
	case "reject_unauth_destination":
		return refuse(!hosted(d.Recipient), 554, "5.7.1", "<x>: Relay access denied")
	case "defer_unauth_destination":
		return refuse(!hosted(d.Recipient), 454, "4.7.1", "<x>: Relay access denied")
	case "friends": // a table of the administrator: this client may relay
		return nil, d.Client == documentation[0] && strings.HasPrefix(d.Sender, "boss@")
	case "reject_unlisted_recipient":
		return refuse(hosted(d.Recipient) && !slices.Contains(s.accounts, d.Recipient), 550, "5.1.1", "<x>: Recipient address rejected: User unknown in virtual mailbox table")
	case "spoofing":
		sender := strings.ToLower(d.Sender)
		return refuse(strings.HasSuffix(sender, "company.my") || strings.HasSuffix(sender, "company.local"), 554, "5.7.1", "<x>: Sender address rejected: Delivery not authorized, message refused #ucs-harden:sender-spoofing")
	case "missing":
		return &brokenTable, true
	case "quota":
		return &s.quota, s.quota.Code != 0
	case "mismatch":
		if login == "" {
			return refuse(owners != nil, 553, "5.7.1", "<x>: Sender address rejected: not logged in")
		}
		return refuse(d.Sender != "" && !slices.Contains(owners, login), 553, "5.7.1", "<x>: Sender address rejected: not owned by user "+login)
	case "unknown_domain":
		return refuse(strings.HasSuffix(d.Recipient, ".invalid"), 450, "4.1.2", "<x>: Recipient address rejected: Domain not found")
	case "nxdomain":
		return refuse(strings.HasSuffix(d.Recipient, "@foreign.example"), 450, "4.1.2", "<x>: Recipient address rejected: Domain not found")
	case "reject":
		return refuse(true, 554, "5.7.1", "<x>: Recipient address rejected: Access denied")
	}
	panic(name)
}

// on replaces the list of some ports.
func (s *smtpd) on(change func([]string) []string, ports ...int) *smtpd {
	s.lists = maps.Clone(s.lists)
	for _, port := range ports {
		s.lists[port] = change(slices.Clone(s.lists[port]))
	}
	return s
}
