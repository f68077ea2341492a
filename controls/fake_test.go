package controls_test

import (
	"maps"
	"net/netip"
	"slices"
	"strings"
	"ucs-harden/doors"
	"ucs-harden/mastercf"

	"ucs-harden/controls"
	"ucs-harden/identity"
	neighbours "ucs-harden/inside"
	"ucs-harden/ledger"
	"ucs-harden/maincf"
	"ucs-harden/plan"
	"ucs-harden/restrictions"
)

// layers is a registry of maps, strongest first as UCR has them.
type layers struct{ forced, ldap, normal, preset map[string]string }

func (l layers) all() []map[string]string {
	return []map[string]string{l.forced, l.ldap, l.normal, l.preset}
}

func (l layers) Get(key string) (string, bool) {
	for _, layer := range l.all() {
		if v, ok := layer[key]; ok {
			return v, true
		}
	}
	return "", false
}

func (l layers) Normal(key string) (string, bool) {
	v, ok := l.normal[key]
	return v, ok
}

func (l layers) Stronger(key string) (layer, value string, ok bool) {
	if v, ok := l.forced[key]; ok {
		return "forced", v, true
	}
	v, ok := l.ldap[key]
	return "ldap", v, ok
}

func (l layers) Keys(prefix string) []string {
	var keys []string
	for _, layer := range l.all() {
		for k := range layer {
			if strings.HasPrefix(k, prefix) {
				keys = append(keys, k)
			}
		}
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}

func (l layers) IsTrue(key string) bool {
	v, _ := l.Get(key)
	return slices.Contains([]string{"yes", "true", "1", "enable", "enabled", "on"}, strings.ToLower(v))
}

// server is a mail server as the controls see it, and what an apply does to it.
type server struct {
	layers
	controllers []identity.Host
	services    []string
	main        string            // lines of main.cf
	tables      map[string][]byte // lookup tables of the administrator
	disk        map[string][]byte // generated files
	noTemplate  bool              // UCR does not know the templates of the LDAP maps
	maps, stale map[string]bool   // LDAP maps that are there; those that are not as UCR would render them
	ledger      ledger.Ledger
	people      controls.People
	silent      bool // the directory does not answer
	today       string
	noFolder    bool
	inside      neighbours.Facts
	relay       restrictions.List // relay restrictions; nil is UCS 5.0
}

// stock is a freshly installed server with one domain controller.
func stock() *server {
	empty, err := ledger.Parse(nil)
	if err != nil {
		panic(err)
	}
	return &server{
		layers: layers{forced: map[string]string{}, ldap: map[string]string{}, preset: map[string]string{}, normal: map[string]string{
			"mail/hosteddomains":                                              "company.my company.local",
			"mail/postfix/smtpd/restrictions/recipient/10":                    "permit_mynetworks",
			"mail/postfix/smtpd/restrictions/recipient/30":                    "permit_sasl_authenticated",
			"mail/postfix/smtpd/restrictions/recipient/50":                    "reject_unauth_destination",
			"mail/postfix/smtpd/restrictions/recipient/70":                    "reject_unlisted_recipient",
			"mail/postfix/smtpd/restrictions/recipient/80":                    "check_policy_service inet:127.0.0.1:12340",
			"mail/postfix/mastercf/options/smtps/smtpd_tls_wrappermode":       "yes",
			"mail/postfix/mastercf/options/smtps/smtpd_sasl_auth_enable":      "yes",
			"mail/postfix/mastercf/options/submission/smtpd_enforce_tls":      "yes",
			"mail/postfix/mastercf/options/submission/smtpd_sasl_auth_enable": "yes",
		}},
		controllers: []identity.Host{{Name: "dc2", Addresses: []netip.Addr{netip.MustParseAddr("10.99.1.10")}}},
		services:    []string{"smtp", "smtps", "submission"},
		ledger:      empty,
		today:       "2026-11-21",
		disk:        map[string][]byte{}, maps: map[string]bool{}, stale: map[string]bool{},
	}
}

func (s *server) facts() *controls.Facts {
	services := map[string]map[string]string{}
	for _, name := range s.services {
		services[name] = map[string]string{}
	}
	f := &controls.Facts{
		Doors:    doors.Of(nil, s.master()),
		Registry: s.layers, Controllers: s.controllers, Disk: maps.Clone(s.disk), Maps: map[string]controls.MapFact{}, Services: services, Ledger: s.ledger,
		People: s.people, Silent: s.silent, Today: s.today, NoFolder: s.noFolder, Tables: s.tables, Relay: s.relay, Inside: s.inside,
	}
	var err error
	if f.Main, err = maincf.Parse([]byte(s.main)); err != nil {
		panic(err)
	}
	for _, name := range []string{"logins", "suspended", "suspended-logins", "suspended-others", "suspended-free", "local-only", "local-only-logins", "local-only-others"} {
		path := "/etc/postfix/ldap.ucs-harden-" + name
		f.Maps[path] = controls.MapFact{Registered: !s.noTemplate, Present: s.maps[path], Current: s.maps[path] && !s.stale[path]}
	}
	return f
}

// master is the master.cf that UCR renders.
func (s *server) master() *mastercf.File {
	var text strings.Builder
	for _, name := range s.services {
		text.WriteString(name + " inet n - n - - smtpd")
		for _, key := range s.Keys("mail/postfix/mastercf/options/" + name + "/") {
			value, _ := s.Get(key)
			text.WriteString(" -o " + key[strings.LastIndexByte(key, '/')+1:] + "=" + value)
		}
		text.WriteString("\n")
	}
	f, err := mastercf.Parse([]byte(text.String()))
	if err != nil {
		panic(err)
	}
	return f
}

// apply does to the server what a transaction would.
func (s *server) apply(d *controls.Desired) {
	for _, v := range d.Variables() {
		if v.After == nil {
			delete(s.normal, v.Key)
		} else {
			s.normal[v.Key] = *v.After
		}
	}
	for _, f := range d.Files() {
		switch {
		case f.Kind == plan.Map:
			s.maps[f.Path], s.stale[f.Path] = f.Action != plan.Remove, false
		case f.After == nil:
			delete(s.disk, f.Path)
		default:
			s.disk[f.Path] = []byte(*f.After)
		}
	}
	// On disk a ledger is its JSON form.
	ledger, err := ledger.Parse(d.Ledger.Bytes())
	if err != nil {
		panic(err)
	}
	s.ledger = ledger
}

func (s *server) clone() *server {
	c := *s
	c.disk, c.maps, c.stale = maps.Clone(s.disk), maps.Clone(s.maps), maps.Clone(s.stale)
	c.layers = layers{maps.Clone(s.forced), maps.Clone(s.ldap), maps.Clone(s.normal), maps.Clone(s.preset)}
	return &c
}

func (s *server) variables(prefix string) []restrictions.Variable {
	var out []restrictions.Variable
	for _, k := range s.Keys(prefix) {
		v, _ := s.Get(k)
		out = append(out, restrictions.Variable{Key: k, Value: v})
	}
	return out
}

// mainList is smtpd_recipient_restrictions of main.cf.
func (s *server) mainList() restrictions.List {
	return restrictions.Main(s.variables(restrictions.MainPrefix), restrictions.Switches{
		Listfilter:  s.IsTrue("mail/postfix/policy/listfilter"),
		Greylisting: s.IsTrue("mail/postfix/greylisting"),
	})
}

// serviceList is what the service on 465 or 587 asks: a list of its own when an override names it, else the main list.
func (s *server) serviceList(service string) restrictions.List {
	if v, _ := s.Get("mail/postfix/mastercf/options/" + service + "/smtpd_recipient_restrictions"); v == "$submission_recipient_restrictions" {
		return restrictions.Submission(s.variables(restrictions.SubmissionPrefix))
	}
	return s.mainList()
}
