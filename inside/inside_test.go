package inside

import (
	"net/netip"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ucs-harden/hostnet"
	"ucs-harden/identity"
	"ucs-harden/maincf"
	"ucs-harden/mynetworks"
	"ucs-harden/plan"
)

func addresses(values ...string) (out []netip.Addr) {
	for _, value := range values {
		out = append(out, netip.MustParseAddr(value))
	}
	return out
}

func card(name string, prefixes ...string) hostnet.Interface {
	i := hostnet.Interface{Name: name}
	for _, p := range prefixes {
		i.Prefixes = append(i.Prefixes, netip.MustParsePrefix(p))
	}
	return i
}

var neighbourhood = Facts{
	Interfaces: []hostnet.Interface{card("lo", "127.0.0.1/8", "::1/128"), card("eth0", "10.99.1.1/24", "fe80::1/64"), card("docker0", "172.17.0.1/16")},
	Servers: []identity.Host{
		{Name: "mail.company.my", Addresses: addresses("10.99.1.1")},
		{Name: "mail2.company.my", Addresses: addresses("10.99.1.50", "fd99:1::50"), Invalid: []string{"0.0.0.0"}},
	},
}

// cidr_table(5): of the lines the first that matches counts; a single address matches itself.
func TestNetworks(t *testing.T) {
	var got []string
	for _, n := range neighbourhood.Networks("a_class") {
		got = append(got, n.Prefix.String()+" "+n.Action)
	}
	assert.Equal(t, []string{
		"10.99.1.1/32 DUNNO", "10.99.1.50/32 DUNNO", "127.0.0.0/8 DUNNO", "172.17.0.1/32 DUNNO", "::1/128 DUNNO", "fd99:1::50/128 DUNNO",
		"0.0.0.0/0 a_class", "::/0 a_class",
	}, got)
	assert.Empty(t, Facts{}.Exempt(), "nobody is exempt while nothing is known")
}

func TestRead(t *testing.T) {
	for sentence, c := range map[string]struct {
		main     string
		host     Host
		here     string
		relays   string // NAME FROM ADDRESS…, separated by "; "
		proxies  string
		expected map[string]string
	}{
		"as UCS writes it": {
			main: "mydestination = mail.company.my, localhost.company.my, localhost\nvirtual_mailbox_domains = company.my\nvirtual_alias_maps = ldap:/etc/postfix/ldap.groups, ldap:/etc/postfix/ldap.virtual\nrelayhost =\n",
			here: "mail.company.my localhost.company.my localhost", expected: map[string]string{"virtual_mailbox_domains": "company.my"},
		},
		"references, to what Postfix makes of the name of the host as well": {
			main: "mydestination = $myhostname, localhost.$mydomain $extra\nextra = lists.example\n",
			here: "mail.company.my localhost.company.my lists.example",
		},
		"without mydestination the default counts": {
			here: "mail.company.my localhost.company.my localhost",
		},
		"domains for which mail is taken": {
			main: "mydestination = localhost\nrelay_domains = partner.example hash:/etc/postfix/relay\nvirtual_alias_domains = alias.example\nvirtual_alias_maps = hash:/etc/postfix/virtual\n",
			here: "localhost", expected: map[string]string{"relay_domains": "partner.example hash:/etc/postfix/relay", "virtual_alias_domains": "alias.example"},
		},
		"while virtual_alias_domains is not set, the keys of the alias maps are domains": {
			main: "mydestination = localhost\nvirtual_alias_maps = ldap:/etc/postfix/ldap.virtual, hash:/etc/postfix/virtual\n",
			here: "localhost", expected: map[string]string{"virtual_alias_maps": "hash:/etc/postfix/virtual"},
		},
		"relay hosts by name and by address": {
			main: "mydestination = localhost\nrelayhost = [smtp.provider.example]:587\nsmtp_fallback_relay = [10.99.1.9], [IPv6:fd99:1::9]:25 provider.example:26\n",
			here: "localhost", host: Host{RelayHost: "[smtp.provider.example]:587"},
			relays: "[10.99.1.9] smtp_fallback_relay of main.cf 10.99.1.9; [IPv6:fd99:1::9]:25 smtp_fallback_relay of main.cf fd99:1::9; [smtp.provider.example]:587 mail/relayhost 192.0.2.25; provider.example:26 smtp_fallback_relay of main.cf",
		},
		"addresses of a router in front": {
			main: "mydestination = localhost\nproxy_interfaces = 198.51.100.7, router.example\n",
			here: "localhost", proxies: "198.51.100.7",
		},
	} {
		t.Run(sentence, func(t *testing.T) {
			main, err := maincf.Parse([]byte(c.main))
			require.NoError(t, err)
			c.host.Name, c.host.Domain = "mail", "company.my"
			f := Read(main, c.host, func(name string) []netip.Addr {
				if name == "smtp.provider.example" {
					return addresses("192.0.2.25")
				}
				return nil
			})
			assert.Equal(t, strings.Fields(c.here), f.Here)
			var relays []string
			for _, r := range f.RelayHosts {
				line := r.Name + " " + r.From
				for _, a := range r.Addresses {
					line += " " + a.String()
				}
				relays = append(relays, line)
			}
			assert.Equal(t, c.relays, strings.Join(relays, "; "))
			var proxies []string
			for _, a := range f.Proxies {
				proxies = append(proxies, a.String())
			}
			assert.Equal(t, c.proxies, strings.Join(proxies, " "))
			for parameter, list := range f.Elsewhere {
				assert.Equal(t, c.expected[parameter], strings.Join(list, " "), parameter)
			}
		})
	}
}

func TestAnySender(t *testing.T) {
	for sentence, c := range map[string]struct {
		main string
		want bool
	}{
		"no map of owners":                      {"smtpd_recipient_restrictions = reject_sender_login_mismatch", true},
		"no restriction that asks it":           {"smtpd_sender_login_maps = hash:/x\nsmtpd_recipient_restrictions = permit_sasl_authenticated", true},
		"the login must own the sender":         {"smtpd_sender_login_maps = hash:/x\nsmtpd_recipient_restrictions = reject_sender_login_mismatch, permit_sasl_authenticated", false},
		"in another list":                       {"smtpd_sender_login_maps = hash:/x\nsmtpd_sender_restrictions = $mine\nmine = Reject_Authenticated_Sender_Login_Mismatch", false},
		"a warning refuses nothing":             {"smtpd_sender_login_maps = hash:/x\nsmtpd_recipient_restrictions = warn_if_reject reject_sender_login_mismatch", true},
		"without a login it asks nothing of it": {"smtpd_sender_login_maps = hash:/x\nsmtpd_recipient_restrictions = reject_unauthenticated_sender_login_mismatch", true},
	} {
		t.Run(sentence, func(t *testing.T) {
			main, err := maincf.Parse([]byte(c.main + "\n"))
			require.NoError(t, err)
			assert.Equal(t, c.want, AnySender(main, []string{"smtpd_sender_restrictions", "smtpd_recipient_restrictions"}))
		})
	}
}

func lines(found []plan.Finding) (out []string) {
	for _, f := range found {
		line := string(f.Severity) + " " + f.ID
		if f.Acceptable {
			line += " (acceptable)"
		}
		out = append(out, line)
	}
	return out
}

func TestFindings(t *testing.T) {
	const (
		bridge = "note bridge:docker0:172.17.0.0/16"
		server = "warning mail-server-address:mail2.company.my:0.0.0.0"
	)
	for sentence, c := range map[string]struct {
		change   func(*Facts)
		networks string
		want     []string
	}{
		"a bridge is named":                          {func(*Facts) {}, "127.0.0.0/8", []string{bridge, server}},
		"a bridge that is in mynetworks is not":      {func(*Facts) {}, "127.0.0.0/8 172.16.0.0/12", []string{server}},
		"a bridge of which a part is in it is named": {func(*Facts) {}, "172.17.0.0/17", []string{bridge, server}},
		"a relay host by its address":                {func(f *Facts) { f.RelayHosts = []RelayHost{{"[10.99.1.9]", "mail/relayhost", addresses("10.99.1.9")}} }, "172.17.0.0/16", []string{"note relay-host:[10.99.1.9]:10.99.1.9", server}},
		"a relay host in mynetworks is not named":    {func(f *Facts) { f.RelayHosts = []RelayHost{{"[10.99.1.9]", "mail/relayhost", addresses("10.99.1.9")}} }, "172.17.0.0/16 10.99.1.0/24", []string{server}},
		"a relay host that is exempt is not named":   {func(f *Facts) { f.RelayHosts = []RelayHost{{"mail2", "mail/relayhost", addresses("10.99.1.50")}} }, "172.17.0.0/16", []string{server}},
		"a relay host without a known address":       {func(f *Facts) { f.RelayHosts = []RelayHost{{Name: "smtp.provider.example", From: "mail/relayhost"}} }, "172.17.0.0/16", []string{"note relay-host:smtp.provider.example", server}},
		"a public address in front of this host":     {func(f *Facts) { f.Proxies = addresses("198.51.100.7") }, "172.17.0.0/16", []string{"note proxy:198.51.100.7", server}},
		"domains that are hosted need no word": {func(f *Facts) {
			f.Elsewhere = map[string][]string{"virtual_mailbox_domains": {"company.my", "sub.company.my"}}
		}, "172.17.0.0/16", []string{server}},
		"domains that are not, and tables that are not looked into": {func(f *Facts) {
			f.Elsewhere = map[string][]string{"relay_domains": {"partner.example", "company.my"}, "virtual_alias_domains": {"hash:/etc/postfix/virtual"}}
		}, "172.17.0.0/16", []string{server, "note not-protected:relay_domains", "note not-protected:virtual_alias_domains"}},
		"an archive without an export": {func(f *Facts) { f.NoDirectory = true }, "172.17.0.0/16", []string{"note mail-servers-unknown", server}},
		"AUTH on port 25":              {func(f *Facts) { f.AnySender = true }, "172.17.0.0/16", []string{server, "warning auth-on-25"}},
	} {
		t.Run(sentence, func(t *testing.T) {
			f := neighbourhood
			c.change(&f)
			found := f.Findings(mynetworks.Parse(c.networks).Coverage(), "mail/harden/relay/systems", []string{"company.my"})
			assert.Equal(t, c.want, lines(found))
			for _, one := range found {
				assert.NotEmpty(t, one.Text)
				assert.NotEmpty(t, one.Hint)
			}
		})
	}
}

func TestRelaying(t *testing.T) {
	for sentence, c := range map[string]struct {
		controller, systems string
		want                []string
	}{
		"private addresses":                          {"10.99.1.10", "10.98.0.0/16 fd99:1::/64", nil},
		"a controller with a public address":         {"64.0.0.7", "", []string{"warning controller-public:dc2:64.0.0.7"}},
		"a quarter of the Internet":                  {"10.99.1.10", "64.0.0.0/2", []string{"error wide-system:64.0.0.0/2 (acceptable)"}},
		"an eighth of IPv6":                          {"10.99.1.10", "2000::/3", []string{"error wide-system:2000::/3 (acceptable)"}},
		"a public address, written as IPv6":          {"10.99.1.10", "::ffff:8.8.8.8", []string{"error public-system:8.8.8.8/32 (acceptable)"}},
		"a private network and its public neighbour": {"10.99.1.10", "172.0.0.0/11", []string{"error public-system:172.0.0.0/11 (acceptable)"}},
		"an IPv6 network of a provider":              {"10.99.1.10", "2a00:1450::/32", []string{"error public-system:2a00:1450::/32 (acceptable)"}},
	} {
		t.Run(sentence, func(t *testing.T) {
			_, found, err := Relaying([]identity.Host{{Name: "dc2", Addresses: addresses(c.controller)}}, "all", "mail/harden/relay/systems", strings.Fields(c.systems))
			require.NoError(t, err)
			assert.Equal(t, c.want, lines(found))
		})
	}
}

func TestOwn(t *testing.T) {
	f := neighbourhood
	f.Here, f.Proxies = []string{"mail.company.my", "localhost", "hash:/x"}, addresses("198.51.100.7")
	assert.Equal(t, []string{"company.my", "localhost", "10.99.1.1", "127.0.0.1", "172.17.0.1", "198.51.100.7", "::1"}, f.Own([]string{"company.my"}))
}
