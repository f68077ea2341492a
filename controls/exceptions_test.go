package controls_test

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ucs-harden/access"
	"ucs-harden/controls"
	"ucs-harden/exceptions"
	"ucs-harden/hostnet"
	"ucs-harden/plan"
	"ucs-harden/restrictions"
	"ucs-harden/rules"
)

// asked is what Postfix would answer to a letter from outside, as access(5), cidr_table(5) and regexp_table(5) have it.
type asked struct {
	s       *server
	classes restrictions.Classes
	client  netip.Addr
	sender  string
	said    []string // the actions that log or refuse, in their order
	named   []string // the tables and classes that were used
}

func (a *asked) restriction(t *testing.T, text string) {
	t.Helper()
	name, table, _ := strings.Cut(text, " ")
	switch name {
	case "check_client_access":
		a.act(t, a.networks(t, table))
	case "check_sender_access":
		domain := a.sender[strings.LastIndexByte(a.sender, '@')+1:]
		keys := []string{a.sender}
		for ; domain != ""; _, domain, _ = strings.Cut(domain, ".") {
			keys = append(keys, domain)
		}
		for i, key := range keys {
			if action := a.find(t, table, key, i == 0); action != "" {
				a.act(t, action)
				return
			}
		}
	default:
		t.Fatalf("not a restriction of the exceptions: %s", text)
	}
}

// act does what the right-hand side of a table says.
func (a *asked) act(t *testing.T, action string) {
	t.Helper()
	verb, _, _ := strings.Cut(action, " ")
	switch verb {
	case "", "DUNNO":
	case "INFO", "WARN", "REJECT":
		a.said = append(a.said, action)
	default:
		a.named = append(a.named, action)
		i := slices.IndexFunc(a.classes, func(c restrictions.Class) bool { return c.Name == action })
		require.GreaterOrEqual(t, i, 0, "no class %s", action)
		for _, text := range a.classes[i].Restrictions {
			a.restriction(t, text)
		}
	}
}

func (a *asked) content(t *testing.T, path string) []byte {
	t.Helper()
	a.named = append(a.named, path)
	require.Contains(t, a.s.disk, path, "a table that is not there")
	return a.s.disk[path]
}

func (a *asked) networks(t *testing.T, table string) string {
	t.Helper()
	path, ok := strings.CutPrefix(table, "cidr:")
	require.True(t, ok, table)
	for _, e := range access.Parse(a.content(t, path)) {
		if netip.MustParsePrefix(e.Key).Contains(a.client) {
			return e.Action
		}
	}
	return ""
}

// find looks one key up. Only the whole address is looked up in a table of patterns.
func (a *asked) find(t *testing.T, table, key string, whole bool) string {
	t.Helper()
	if inner, ok := strings.CutPrefix(table, "pipemap:{"); ok {
		first, second, _ := strings.Cut(strings.TrimSuffix(inner, "}"), ",")
		if found := a.find(t, first, key, whole); found != "" {
			return a.find(t, second, found, true)
		}
		return ""
	}
	typ, path, _ := strings.Cut(table, ":")
	content := a.content(t, path)
	if typ != "regexp" {
		for _, e := range access.Parse(content) {
			if e.Key == strings.ToLower(key) {
				return e.Action
			}
		}
		return ""
	}
	for line := range strings.Lines(string(content)) {
		end := strings.LastIndex(line, "/ ")
		if !whole || line[0] != '/' || end < 1 {
			continue
		}
		if regexp.MustCompile("(?i)" + line[1:end]).MatchString(key) {
			return strings.ReplaceAll(strings.TrimSpace(line[end+2:]), "$$", "$")
		}
	}
	return ""
}

// answer asks the check of sender-spoofing.
func answer(t *testing.T, s *server, client, sender string) *asked {
	t.Helper()
	classes, err := restrictions.ParseClasses(s.disk["/etc/postfix/ucs-harden/main.cf"])
	require.NoError(t, err)
	a := &asked{s: s, classes: classes, client: netip.MustParseAddr(client), sender: sender}
	a.restriction(t, s.normal["mail/postfix/smtpd/restrictions/recipient/50-ucs-harden"])
	return a
}

// verdict is an answer in short: the names of exceptions and the first words of other actions.
func (a *asked) verdict() string {
	var out []string
	for _, action := range a.said {
		if name, ok := strings.CutPrefix(action, "INFO #ucs-harden:exception:"); ok {
			out = append(out, name)
			continue
		}
		word, _, _ := strings.Cut(action, " ")
		out = append(out, word)
	}
	return strings.Join(out, "+")
}

// withExceptions is a server with exceptions: words of "NAME CLIENT SENDER [EXPIRES]", "-" for none.
func withExceptions(all ...string) *server {
	s := stock()
	s.normal["mail/harden/relay/mode"], s.normal["mail/harden/submission/mode"] = "off", "off"
	s.normal["mail/hosteddomains"] = "company.my company.local help.company.my shop.company.my xn--mnchen-3ya.example"
	s.inside.Interfaces = []hostnet.Interface{{Name: "eth0", Prefixes: []netip.Prefix{netip.MustParsePrefix("10.99.1.1/24")}}}
	s.inside.Here = []string{"localhost"}
	for _, one := range all {
		words := strings.Fields(one)
		for i, field := range []string{"client", "sender", "expires"} {
			if len(words) > i+1 && words[i+1] != "-" {
				s.normal["mail/harden/exception/"+words[0]+"/"+field] = words[i+1]
			}
		}
	}
	return s
}

func TestWhatTheTablesOfExceptionsSay(t *testing.T) {
	s := withExceptions(
		"gateway 198.51.100.0/28 -", "one 198.51.100.7 -", "scanner 192.0.2.1 scan@company.my", "lan 192.0.2.0/24 scan@company.my",
		"anybody - scan@company.my", "news - news@company.my", "shop 192.0.2.9 company.my", "wide 192.0.2.0/24 company.my",
		"past - boss@company.my 2026-11-20", "today - today@company.my 2026-11-21", "city 192.0.2.1 xn--mnchen-3ya.example",
		"six 2001:db8::/48 six@company.my", "host - @localhost",
	)
	s.normal["mail/harden/sender-spoofing/domain/help.company.my/mode"] = "off"
	s.normal["mail/harden/sender-spoofing/domain/shop.company.my/mode"] = "warn"
	require.True(t, applied(t, s, plan.Enforce))
	for sentence, c := range map[string]struct{ client, sender, want string }{
		"a stranger as the boss":                                       {"203.0.113.66", "boss@company.my", "REJECT"},
		"a stranger as nobody of ours":                                 {"203.0.113.66", "x@foreign.example", ""},
		"this server":                                                  {"10.99.1.1", "boss@company.my", ""},
		"a client with any sender":                                     {"198.51.100.1", "boss@company.my", "gateway"},
		"the narrower of two networks":                                 {"198.51.100.7", "boss@company.my", "one"},
		"it with a sender of other exceptions":                         {"198.51.100.7", "scan@company.my", "one"},
		"it with a foreign sender":                                     {"198.51.100.7", "x@foreign.example", ""},
		"it with a disguised domain":                                   {"198.51.100.7", "x@ｃompany.my", "one"},
		"it with an address literal":                                   {"198.51.100.7", "x@[10.99.1.1]", "one"},
		"it with a domain that is off":                                 {"198.51.100.7", "x@help.company.my", ""},
		"it with a domain that only warns":                             {"198.51.100.7", "x@shop.company.my", "one"},
		"a client with its sender":                                     {"192.0.2.1", "scan@company.my", "scanner"},
		"its network with this sender":                                 {"192.0.2.2", "scan@company.my", "lan"},
		"everybody with this sender":                                   {"203.0.113.66", "scan@company.my", "anybody"},
		"capitals":                                                     {"203.0.113.66", "NEWS@Company.My", "news"},
		"an extension":                                                 {"203.0.113.66", "news+x@company.my", "REJECT"},
		"a whole domain from one client":                               {"192.0.2.9", "boss@company.my", "shop"},
		"its sub-domain":                                               {"192.0.2.9", "boss@it.company.my", "shop"},
		"a hosted domain below that warns":                             {"192.0.2.9", "boss@shop.company.my", "shop"},
		"a hosted domain below that is off":                            {"192.0.2.9", "boss@help.company.my", ""},
		"the same for a stranger":                                      {"203.0.113.66", "boss@help.company.my", ""},
		"the domain that warns for a stranger":                         {"203.0.113.66", "boss@shop.company.my", "WARN"},
		"a whole domain from a network":                                {"192.0.2.200", "boss@company.my", "wide"},
		"an exception for the domain counts beside one for an address": {"192.0.2.200", "news@company.my", "wide"},
		"another domain":                                               {"192.0.2.200", "boss@company.local", "REJECT"},
		"an exception that is over":                                    {"203.0.113.66", "boss@company.my", "REJECT"},
		"an exception on its last day":                                 {"203.0.113.66", "today@company.my", "today"},
		"an A-label":                                                   {"192.0.2.1", "x@xn--mnchen-3ya.example", "city"},
		"its U-label":                                                  {"192.0.2.1", "x@München.example", "city"},
		"its U-label from elsewhere":                                   {"192.0.2.2", "x@münchen.example", "REJECT"},
		"a client of IPv6":                                             {"2001:db8::1", "six@company.my", "six"},
		"its neighbour":                                                {"2001:db8:1::1", "six@company.my", "REJECT"},
		"a name of this server":                                        {"203.0.113.66", "root@localhost", "host"},
	} {
		t.Run(sentence, func(t *testing.T) {
			assert.Equal(t, c.want, answer(t, s, c.client, c.sender).verdict())
		})
	}
}

// The tables say of every letter what the exceptions in force say, and the rules name the exception that the log names.
func TestTheTablesAgreeWithTheExceptions(t *testing.T) {
	clients := []string{"192.0.2.1", "192.0.2.2", "192.0.2.77", "198.51.100.1", "203.0.113.66", "2001:db8::1"}
	networks := []string{"-", "-", "192.0.2.1", "192.0.2.0/30", "192.0.2.0/24", "192.0.0.0/16", "198.51.100.0/24", "2001:db8::/32"}
	senders := []string{
		"a@company.my", "b@company.my", "a@help.company.my", "a@deep.help.company.my", "a@sub.company.my", "a@shop.company.my",
		"a@company.local", "a@xn--mnchen-3ya.example", "a@foreign.example", "a@xcompany.my",
	}
	subjects := append(slices.Clone(senders[:8]), "company.my", "help.company.my", "deep.help.company.my", "sub.company.my", "shop.company.my", "company.local", "xn--mnchen-3ya.example", "-", "-", "-")
	for seed := range uint64(60) {
		r := rand.New(rand.NewPCG(seed, 1))
		var all []string
		for i := range r.IntN(8) {
			if network, sender := networks[r.IntN(len(networks))], subjects[r.IntN(len(subjects))]; network+sender != "--" {
				all = append(all, fmt.Sprintf("e%d %s %s", i, network, sender))
			}
		}
		s := withExceptions(all...)
		for _, domain := range []string{"company.my", "help.company.my", "shop.company.my", "company.local"} {
			if mode := []plan.Mode{"", plan.Off, plan.Warn, plan.Enforce}[r.IntN(4)]; mode != "" {
				s.normal["mail/harden/sender-spoofing/domain/"+domain+"/mode"] = string(mode)
			}
		}
		d, err := controls.Desire(s.facts(), plan.Enforce)
		require.NoError(t, err)
		s.apply(d)
		modes := plan.Modes(d.Controls)
		listings := controls.ReadListings(string(s.disk["/etc/postfix/ucs-harden/main.cf"])+s.normal["mail/postfix/smtpd/restrictions/recipient/50-ucs-harden"],
			func(path string) []byte { return s.disk[path] }, controls.People{}, []string{"company.my", "company.local", "help.company.my", "shop.company.my", "xn--mnchen-3ya.example"})
		wanted := rules.Listings{Exceptions: exceptions.InForce(s.layers, s.today)}
		for _, client := range clients {
			for _, sender := range senders {
				letter := rules.Letter{Port: 25, Client: rules.Stranger, Sender: sender, SenderIs: rules.SenderOf(sender, listings.Hosted), RecipientIs: rules.Known}
				other := letter
				listings.Mark(&letter, netip.MustParseAddr(client))
				wanted.Mark(&other, netip.MustParseAddr(client))
				where := fmt.Sprintf("seed %d: %s from %s, %v, %v", seed, sender, client, all, modes)
				got, ruling := answer(t, s, client, sender).verdict(), rules.Judge(modes, letter)
				plain := other
				plain.Exception = ""
				if asItIs := rules.Judge(modes, plain); asItIs.Effect == rules.Unchanged && !asItIs.Warned {
					assert.Empty(t, got, where)
					continue
				}
				require.Equal(t, other.Exception != "", letter.Exception != "", where)
				switch {
				case letter.Exception != "":
					assert.Equal(t, letter.Exception, got, where)
					assert.Equal(t, "exception", ruling.Name, where)
				case ruling.Warned:
					assert.Equal(t, "WARN", got, where)
				default:
					assert.Equal(t, "REJECT", got, where)
				}
			}
		}
	}
}

// At every moment of a change Postfix must find what a table names. Tables with a lasting name are written before main.cf
// and name only a class that is always there.
func TestTablesWithALastingNameNameNoClassOfAnException(t *testing.T) {
	s := withExceptions("gateway 198.51.100.0/28 -", "scanner 192.0.2.1 scan@company.my", "news - news@company.my")
	require.True(t, applied(t, s, plan.Enforce))
	first := s.clone()
	for path, content := range s.disk {
		if !strings.Contains(path, "-exception-") && path != "/etc/postfix/ucs-harden/main.cf" {
			assert.NotContains(t, string(content), "exception", path)
		}
	}
	s.normal["mail/harden/exception/scanner/client"] = "192.0.2.2"
	s.normal["mail/harden/exception/gateway/client"] = "198.51.100.0/27"
	require.True(t, applied(t, s, plan.Enforce))
	for path, content := range s.disk {
		if before, there := first.disk[path]; there && strings.Contains(path, "-exception-") {
			assert.Equal(t, string(before), string(content), "%s changes its content and keeps its name", path)
		}
	}
	again := withExceptions("news - news@company.my", "scanner 192.0.2.2 scan@company.my", "gateway 198.51.100.0/27 -")
	require.True(t, applied(t, again, plan.Enforce))
	assert.Equal(t, again.disk, s.disk, "the same exceptions give the same tables")
	delete(s.normal, "mail/harden/exception/scanner/client")
	delete(s.normal, "mail/harden/exception/scanner/sender")
	delete(s.normal, "mail/harden/exception/gateway/client")
	delete(s.normal, "mail/harden/exception/news/sender")
	require.True(t, applied(t, s, plan.Enforce))
	for path := range s.disk {
		assert.NotContains(t, path, "exception")
	}
}
