// Package ports looks at what the ports of the live Postfix offer to a client on this machine: STARTTLS, AUTH, and on
// the port for other mail servers mail for postmaster.
//
//	before := ports.Offers(ctx, ports.Of(main, master))
//	… change Postfix, read main.cf and master.cf again …
//	err := ports.Verify(ctx, ports.Of(main, master), before, want)
//
// "postfix check" and "postfix reload" find nothing wrong with a configuration that kills every new smtpd(8), or with a
// certificate that is not there. Only a client notices.
package ports

import (
	"net"
	"net/netip"
	"slices"
	"strings"

	"ucs-harden/doors"
	"ucs-harden/maincf"
	"ucs-harden/mastercf"
)

// Port is an inet service of master.cf that speaks SMTP.
type Port struct {
	// Service is its service entry, "submission/inet"; Addr is where to connect to it.
	Service, Addr string
	// Options are those -o overrides of the entry that decide what the port offers.
	Options map[string]string
	// ImplicitTLS: TLS begins with the first byte.
	ImplicitTLS bool
	// MX: it is a port for other mail servers, which takes mail for postmaster from everybody (RFC 5321 section 4.5.1).
	MX bool
}

// The -o overrides that decide whether a port has TLS, and AUTH (postconf(5)).
var (
	tlsOptions  = []string{"smtpd_tls_wrappermode", "smtpd_tls_security_level", "smtpd_enforce_tls", "smtpd_use_tls"}
	authOptions = []string{"smtpd_sasl_auth_enable"}
)

// Of are the inet services of master.cf that speak SMTP. A service without an address listens at the first address in
// inet_interfaces.
func Of(main maincf.File, master *mastercf.File) []Port {
	var out []Port
	for _, d := range doors.Of(main, master) {
		addr := d.Name
		if addr == d.Port {
			addr = net.JoinHostPort(listens(main), d.Port)
		}
		out = append(out, Port{
			Service: d.Entry.Name + "/" + d.Entry.Type, Addr: addr, Options: decisive(d.Smtpd),
			ImplicitTLS: d.Entry.Value("smtpd_tls_wrappermode", main.Value) == "yes",
			MX:          d.Role == doors.MX && (!d.Further || !d.Loopback),
		})
	}
	return out
}

// decisive are the overrides that decide what the port offers.
func decisive(s *mastercf.Service) map[string]string {
	out := map[string]string{}
	for _, name := range slices.Concat(tlsOptions, authOptions) {
		if value, ok := s.Option(name); ok {
			out[name] = value
		}
	}
	return out
}

// listens is an address at which Postfix listens: loopback, unless inet_interfaces contains addresses (postconf(5)).
func listens(main maincf.File) string {
	const loopback, loopback6 = "127.0.0.1", "::1"
	separator := func(r rune) bool { return r == ',' || r == ' ' }
	for _, word := range strings.FieldsFunc(main.Value("inet_interfaces"), separator) {
		if a, err := netip.ParseAddr(strings.Trim(word, "[]")); err == nil {
			return a.String()
		}
	}
	if main.Value("inet_protocols") == "ipv6" {
		return loopback6
	}
	return loopback
}

// nameOf is a port as an administrator knows it: "587 (submission)".
func nameOf(service, addr string) string {
	_, port, _ := net.SplitHostPort(addr)
	if name, _, _ := strings.Cut(service, "/"); name != port && !strings.Contains(name, ":") {
		return port + " (" + name + ")"
	}
	return port
}
