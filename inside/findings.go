package inside

import (
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"

	"ucs-harden/findings"
	"ucs-harden/hosteddomains"
	"ucs-harden/hostnet"
	"ucs-harden/mynetworks"
	"ucs-harden/plan"
)

// Findings name those who look as if they were inside and are not, and the domains that sender-spoofing does not
// protect. mayRelay are the clients that mynetworks will cover, domains are the hosted domains, variable names further
// systems that may relay.
func (f Facts) Findings(mayRelay mynetworks.Coverage, variable string, domains []string) (found []plan.Finding) {
	refused := func(id findings.ID, what string, from netip.Prefix) {
		if mayRelay.CoversAll(from) || slices.ContainsFunc(f.Exempt(), func(e Exempted) bool { return e.Prefix == from }) {
			return
		}
		hint := fmt.Sprintf("if your own programs write from there: let them log in on 587, or let them relay by adding %s to %s",
			from, variable)
		if hostnet.Reachable(from) {
			hint += "; then --accept " + findings.PublicSystem.Of(from.String()).String()
		}
		found = append(found, id.Finding(plan.Note, "enforce will refuse mail with one of your own senders from "+what, hint))
	}
	for _, b := range hostnet.Bridges(f.Interfaces) {
		for _, p := range b.Prefixes {
			refused(findings.Bridge.Of(b.Name, p.String()),
				fmt.Sprintf("%s, the network of the bridge %s: containers or virtual machines of this host", p, b.Name), p)
		}
	}
	for _, r := range f.RelayHosts {
		for _, a := range r.Addresses {
			refused(findings.RelayHost.Of(r.Name, a.String()),
				fmt.Sprintf("%s, the relay host %s in %s, should it also bring mail in", a, r.Name, r.From),
				netip.PrefixFrom(a, a.BitLen()))
		}
		if len(r.Addresses) == 0 {
			found = append(found, findings.RelayHost.Of(r.Name).Finding(plan.Note,
				fmt.Sprintf("enforce will refuse mail with one of your own senders from the relay host %s in %s,"+
					" should it also bring mail in; its address is not known here", r.Name, r.From),
				"if it does: add its address to "+variable+", unless it is in mynetworks already"))
		}
	}
	for _, a := range f.Proxies {
		refused(findings.Proxy.Of(a.String()),
			fmt.Sprintf("%s, an address of proxy_interfaces, should a proxy or router show it as the client", a),
			netip.PrefixFrom(a, a.BitLen()))
	}
	if f.NoDirectory {
		found = append(found, findings.MailServersUnknown.Of().Finding(plan.Note,
			"the directory was not asked for other mail servers: the plan exempts none",
			"give an export of the directory: --ldif FILE"))
	}
	for _, server := range f.Servers {
		for _, bad := range server.Invalid {
			found = append(found, warning(findings.MailServerAddress.Of(server.Name, bad),
				fmt.Sprintf("the directory gives the mail server %s the address %q, which is none it could write from",
					server.Name, bad),
				"mend the address of the computer object in UMC"))
		}
	}
	return append(found, f.aboutDomains(domains)...)
}

// aboutDomains names the domains that Postfix takes mail for and that are not protected, and port 25 with AUTH.
func (f Facts) aboutDomains(domains []string) (found []plan.Finding) {
	own := f.Own(domains)
	for _, parameter := range slices.Sorted(maps.Keys(f.Elsewhere)) {
		var open []string
		for _, word := range f.Elsewhere[parameter] {
			if isDomain := !strings.ContainsAny(word, ":/!"); !isDomain || hosteddomains.Find(word, own) == hosteddomains.Foreign {
				open = append(open, word)
			}
		}
		if len(open) > 0 {
			found = append(found, findings.NotProtected.Of(parameter).Finding(plan.Note,
				fmt.Sprintf("this server also takes mail for %s (%s): sender-spoofing does not protect senders there,"+
					" unless they are in mail/hosteddomains", strings.Join(open, ", "), parameter),
				"if such a domain is yours: make it a mail domain in UMC; if it belongs to others, nothing is to be done"))
		}
	}
	if f.AnySender {
		found = append(found, warning(findings.AuthOn25.Of(),
			"port 25 offers AUTH, and a client that logs in there may write with any sender",
			"let mail programs use 587, and switch AUTH off: ucr unset mail/postfix/mastercf/options/smtp/smtpd_sasl_auth_enable,"+
				" and take smtpd_sasl_auth_enable out of /etc/postfix/main.cf.local"))
	}
	return found
}
