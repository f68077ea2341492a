package controls_test

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"strings"

	"ucs-harden/controls"
	"ucs-harden/identity"
	"ucs-harden/restrictions"
)

// An administrator is someone with a seed: the same seed sets up the same server.
type administrator struct{ *rand.Rand }

func newAdministrator(seed uint64) administrator {
	return administrator{rand.New(rand.NewPCG(seed, 7))}
}

func (a administrator) maybe(percent int) bool { return a.IntN(100) < percent }

func pick[T any](a administrator, from ...T) T { return from[a.IntN(len(from))] }

// key is one that sorts anywhere: 05, 100, 9, 55-mine.
func (a administrator) key() string {
	return fmt.Sprint(a.IntN(120)) + pick(a, "", "", "", "-mine")
}

// ownRestrictions are what administrators add, as far as model can judge it.
var ownRestrictions = []string{
	"reject_rbl_client zen.example",
	"reject_unknown_recipient_domain",
	"check_client_access cidr:/etc/postfix/friends",
	"check_policy_service unix:private/own",
	"warn_if_reject reject_rbl_client zen.example",
	"reject_rbl_client zen.example, check_policy_service unix:private/own",
	"sleep 1",
}

// server is a stock server after years.
func (a administrator) server() *server {
	s := stock()
	a.mainList(s)
	for _, on := range []string{"mail/postfix/policy/listfilter", "mail/postfix/greylisting"} {
		if a.maybe(30) {
			s.normal[on] = "yes"
		}
	}
	a.networks(s)
	a.options(s)
	if a.maybe(30) {
		a.ownList(s)
	}
	return s
}

// lists fills the lists of the controls that have one.
func (a administrator) lists(s *server) *server {
	set := func(key string, values ...string) {
		if a.maybe(60) {
			s.normal["mail/harden/"+key] = pick(a, values...)
		}
	}
	set("suspended/account/a/account", "leaver", "leaver@company.my")
	set("suspended/lookup", "live", "synced")
	set("local-only/account/a/account", "intern", "boss@company.my")
	set("local-only/account/b/group", "restricted")
	set("local-only/lookup", "live", "synced")
	set("local-only/destinations", "partner.example", "a@partner.example b.example")
	set("protected/list/a/address", "staff@company.my")
	if a.maybe(60) {
		set("protected/list/a/variant", "senders", "clients")
		if s.normal["mail/harden/protected/list/a/variant"] == "senders" {
			set("protected/list/a/senders", "company.my", "partner.example company.local")
		}
	}
	set("protected/all", "yes", "no")
	set("exception/a/client", "192.0.2.0/24", "0.0.0.0/1", "10.99.1.50/24")
	set("exception/a/sender", "scan@company.my", "company.my", "partner.example")
	set("exception/b/client", "198.51.100.7", "127.0.0.1")
	set("exception/c/sender", "@company.local", "news@company.my")
	set("relay/foreign-sender/mode", "warn", "enforce")
	a.words(s)
	s.people = controls.People{
		Accounts: []identity.Account{{UID: "leaver", Primary: "leaver@company.my"}, {UID: "intern", Primary: "intern@company.my"}},
		Groups:   map[string]string{"restricted": "cn=restricted"},
		Members:  map[string][]identity.Account{"cn=restricted": {{UID: "trainee", Primary: "trainee@company.my"}}},
		Lists:    []string{"office@company.my"},
	}
	if a.maybe(50) {
		s.people.Suspended = []identity.Account{{UID: "gone", Primary: "gone@company.my", Reason: "left"}}
	}
	return s
}

// words chooses the language and the words of refusals, and one of the two names of some variables.
func (a administrator) words(s *server) {
	b := newAdministrator(uint64(len(s.variables("")))) // so that the rest of the server stays the same
	set := func(key string, values ...string) {
		if b.maybe(40) {
			s.normal["mail/harden/"+key] = pick(b, values...)
		}
	}
	set("foreign-sender/mode", "warn", "enforce")
	set("relay/foreign-sender/except", "10.99.1.60")
	set("foreign-sender/except", "10.99.1.60", "10.99.1.61")
	set("foreign-sender/text", "Only ours")
	set("relay/foreign-sender/text", "Only ours")
	set("language", "en", "de", "fr")
	set("protected/text", "Für uns", "только")
}

// mainList gives the restrictions of a fresh server, most of them, other keys and so another order, and adds some.
func (a administrator) mainList(s *server) {
	if a.maybe(30) {
		for _, v := range s.variables(restrictions.MainPrefix) {
			delete(s.normal, v.Key)
		}
		for _, text := range []string{
			"permit_mynetworks", "permit_sasl_authenticated", "reject_unauth_destination",
			"reject_unlisted_recipient", "check_policy_service inet:127.0.0.1:12340",
		} {
			if a.maybe(95) {
				s.normal[restrictions.MainPrefix+a.key()] = text
			}
		}
	}
	for range a.IntN(4) {
		a.add(s.normal, restrictions.MainPrefix)
	}
}

// add adds a restriction at a free key, and returns it.
func (a administrator) add(layer map[string]string, prefix string) (key, value string) {
	for {
		key, value = prefix+a.key(), pick(a, ownRestrictions...)
		if _, taken := layer[key]; !taken {
			layer[key] = value
			return key, value
		}
	}
}

func (a administrator) networks(s *server) {
	const key = "mail/postfix/mynetworks"
	switch a.IntN(4) {
	case 0:
		s.normal[key] = pick(a, "127.0.0.0/8", "127.0.0.0/8, 10.99.1.0/28", "127.0.0.0/8 !10.99.1.66 10.99.1.64/28", "10.99.1.10/32,[::1]/128", "127.0.0.0/8 hash:/etc/postfix/n")
	case 1:
		s.preset[key] = pick(a, "127.0.0.0/8", "127.0.0.0/8, [::1]/128")
	}
	if a.maybe(50) {
		s.normal["mail/postfix/inet/protocols"] = pick(a, "ipv4", "ipv4, ipv6", "all")
	}
	if a.maybe(30) {
		s.normal["mail/harden/relay/systems"] = pick(a, "10.99.1.70", "10.98.0.0/16 [fd99:1::70]", "10.99.1.10, 10.99.1.0/25")
	}
	s.controllers = a.controllers()
}

func (a administrator) controllers() []identity.Host {
	hosts := []identity.Host{{Name: "dc1", Addresses: []netip.Addr{netip.MustParseAddr("10.99.1.10")}}}
	for i := range a.IntN(3) {
		h := identity.Host{Name: fmt.Sprintf("dc%d", i+2), Addresses: []netip.Addr{netip.AddrFrom4([4]byte{10, 99, 1, byte(a.IntN(100))})}}
		if a.maybe(50) {
			h.Addresses = append(h.Addresses, netip.MustParseAddr(fmt.Sprintf("fd99:1::%x", a.IntN(100))))
		}
		hosts = append(hosts, h)
	}
	return hosts
}

func (a administrator) options(s *server) {
	for _, service := range []string{"smtps", "submission"} {
		option := func(name string, values ...string) {
			key := "mail/postfix/mastercf/options/" + service + "/" + name
			switch a.IntN(6) {
			case 0:
				s.normal[key] = pick(a, values...)
			case 1:
				delete(s.normal, key)
			case 2:
				s.preset[key] = pick(a, values...)
			}
		}
		option("smtpd_sasl_auth_enable", "yes", "no")
		option("smtpd_tls_security_level", "may", "encrypt")
		option("smtpd_tls_wrappermode", "yes", "no")
		option("syslog_name", "mua", "postfix/"+service)
		option("smtpd_sender_login_maps", "ldap:/etc/postfix/ldap.saslusermapping", "hash:/etc/postfix/logins")
	}
}

// ownList is a recipient list for 465 and 587, in effect or forgotten.
func (a administrator) ownList(s *server) {
	for _, text := range []string{"permit_mynetworks", "permit_sasl_authenticated", "reject"} {
		s.normal[restrictions.SubmissionPrefix+a.key()] = text
	}
	for _, service := range []string{"smtps", "submission"} {
		if a.maybe(60) {
			s.normal["mail/postfix/mastercf/options/"+service+"/smtpd_recipient_restrictions"] = "$submission_recipient_restrictions"
		}
	}
}

// byHand follows the published procedure: the check of the sender table, and the list and the overrides for 465 and
// 587.
func (a administrator) byHand(s *server) {
	if a.maybe(70) {
		s.normal[restrictions.MainPrefix+a.key()] = pick(a, "check_sender_access hash:", "check_sender_access  lmdb:") + controls.SenderTable
		s.disk[controls.SenderTable] = []byte("company.my " + pick(a, "WARN Invalid Inbound Sender", "REJECT Delivery not authorized") + "\n")
	}
	if a.maybe(70) {
		for key, text := range map[string]string{
			"10": "reject_sender_login_mismatch", "20": "reject_unknown_recipient_domain", "30": "permit_sasl_authenticated", "99": "reject",
		} {
			s.normal[restrictions.SubmissionPrefix+key] = text
		}
		for _, service := range []string{"smtps", "submission"} {
			if a.maybe(80) {
				s.normal["mail/postfix/mastercf/options/"+service+"/smtpd_recipient_restrictions"] = "$submission_recipient_restrictions"
			}
		}
	}
}

// seeds name the cases in which a property is looked at by every test run; "make fuzz" looks at more.
const seeds = 100

// meanwhile is what the administrator does between two applies: the same to the server, and to what it shall be when
// all is off again.
func (a administrator) meanwhile(s *server, off map[string]string) {
	if a.maybe(50) {
		key, value := a.add(s.normal, restrictions.MainPrefix)
		off[key] = value
	}
	if a.maybe(50) {
		s.controllers = a.controllers()
	}
	if a.maybe(40) {
		const key = "mail/postfix/mynetworks"
		more := fmt.Sprintf(" 192.0.2.%d/32", a.IntN(256))
		now, ok := s.Get(key)
		if !ok {
			now = "127.0.0.0/8"
		}
		was, ok := off[key]
		if !ok {
			if was, ok = s.preset[key]; !ok {
				was = "127.0.0.0/8"
			}
		}
		s.normal[key], off[key] = now+more, was+more
	}
	if a.maybe(50) {
		key, value := "mail/harden/protected/list/b/address", pick(a, "boss@company.my", "all@company.local")
		s.normal[key], off[key] = value, value
	}
	if a.maybe(30) {
		key := "mail/harden/suspended/account/a/account"
		delete(s.normal, key)
		delete(off, key)
	}
	if a.maybe(30) {
		s.normal["mail/harden/relay/systems"], off["mail/harden/relay/systems"] = "10.99.1.71", "10.99.1.71"
	}
	for _, v := range s.variables(restrictions.MainPrefix) {
		if strings.HasPrefix(v.Value, "reject_rbl_client") && a.maybe(30) {
			delete(s.normal, v.Key)
			delete(off, v.Key)
		}
	}
}
