package inside

import (
	"maps"
	"net"
	"net/netip"
	"slices"
	"strings"

	"ucs-harden/internal/lexical"
	"ucs-harden/maincf"
)

// Host is what the registry says of this host: its name, its domain, and the variable mail/relayhost.
type Host struct{ Name, Domain, RelayHost string }

// RelayHostVariable is the registry variable that UCR makes the parameter relayhost of.
const RelayHostVariable = "mail/relayhost"

// Read reads from main.cf for which names and domains Postfix takes mail and to whom it hands outgoing mail. lookup
// gives the addresses of a name, none when they are not known.
func Read(main maincf.File, host Host, lookup func(name string) []netip.Addr) Facts {
	// What Postfix makes of the name of the host when main.cf does not say (postconf(5)).
	main = main.With(map[string]string{
		"myhostname": host.Name + "." + host.Domain, "mydomain": host.Domain,
		"mydestination": "$myhostname, localhost.$mydomain, localhost",
	})
	f := Facts{Here: words(main, "mydestination"), Elsewhere: map[string][]string{}}
	for _, word := range words(main, "proxy_interfaces") {
		if a, err := netip.ParseAddr(word); err == nil {
			f.Proxies = append(f.Proxies, a.Unmap())
		}
	}
	for _, parameter := range []string{"relay_domains", "virtual_alias_domains", "virtual_mailbox_domains"} {
		f.Elsewhere[parameter] = words(main, parameter)
	}
	if len(f.Elsewhere["virtual_alias_domains"]) == 0 { // then the keys of these maps are domains, too (virtual(5))
		isStock := func(table string) bool { return strings.HasPrefix(table, "ldap:/etc/postfix/ldap.") }
		f.Elsewhere["virtual_alias_maps"] = slices.DeleteFunc(words(main, "virtual_alias_maps"), isStock)
	}
	named := map[string]string{} // next hop → where it is named
	for _, parameter := range []string{"smtp_fallback_relay", "relayhost"} {
		for _, word := range words(main, parameter) {
			named[word] = parameter + " of main.cf"
		}
	}
	if host.RelayHost != "" {
		named[host.RelayHost] = RelayHostVariable
	}
	for _, name := range slices.Sorted(maps.Keys(named)) {
		h := RelayHost{Name: name, From: named[name]}
		bare := bareHost(name)
		if a, err := netip.ParseAddr(bare); err == nil {
			h.Addresses = []netip.Addr{a.Unmap()}
		} else {
			h.Addresses = lookup(bare)
		}
		f.RelayHosts = append(f.RelayHosts, h)
	}
	return f
}

// words are the words of a list in main.cf, with references expanded.
func words(main maincf.File, parameter string) []string {
	value, _ := main.Resolve(parameter)
	return lexical.Words(value)
}

// bareHost is the host of a next hop: "[smtp.provider.example]:587", "provider.example:25", "[IPv6:fd99:1::9]:25".
func bareHost(nextHop string) string {
	if inner, ok := strings.CutPrefix(nextHop, "["); ok {
		inner, _, _ = strings.Cut(inner, "]")
		return strings.TrimPrefix(inner, "IPv6:")
	}
	host, _, err := net.SplitHostPort(nextHop)
	if err != nil {
		return nextHop
	}
	return host
}

// comparesLogin are the restrictions that compare a login with the owners of the sender.
var comparesLogin = []string{
	"reject_sender_login_mismatch", "reject_authenticated_sender_login_mismatch", "reject_known_sender_login_mismatch",
}

// AnySender reports whether a client that has logged in may use any sender: no list has a restriction that compares the
// login with the owners of the sender, or there is no map of owners. main holds the overrides of the service at its end.
func AnySender(main maincf.File, lists []string) bool {
	if len(words(main, "smtpd_sender_login_maps")) == 0 {
		return true
	}
	return !slices.ContainsFunc(lists, func(list string) bool {
		all := words(main, list)
		for i, word := range all {
			if slices.Contains(comparesLogin, strings.ToLower(word)) && (i == 0 || !strings.EqualFold(all[i-1], "warn_if_reject")) {
				return true
			}
		}
		return false
	})
}
