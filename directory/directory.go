// Package directory reads from the LDAP directory of a UCS domain, or from an
// LDIF export of it. It is the only importer of go-ldap.
//
// An answer is complete, or it is an error: the mail of a system that is missing in the answer would be refused later.
// So a referral, a size or time limit of the server, a connection that ends early and an answer without any domain
// controller all discard what was read so far, and the next server is asked from the beginning.
//
// LDIF is read as RFC 2849 defines it for entries, and as ldapsearch,
// univention-ldapsearch and slapcat write it:
//
//	file     = ["version: 1" EOL] *(EOL / record)
//	record   = "dn" value *(name value) (EOL / end of file)
//	name     = attribute description, options included ("cn;lang-de")
//	value    = ":" *" " text EOL / "::" *" " base64 EOL
//	EOL      = LF / CRLF
//
// A line that begins with a blank continues the one before it. A line that begins with "#" is a comment and may be
// continued too. The last line ends in EOL; a file whose last line does not was cut off.
//
// Without an option -L, ldapsearch ends its output with a record that has no dn but "search:" and "result: CODE TEXT".
// A code other than 0, or a record with "ref:" (a search reference), is ErrIncomplete. With -LLL there are no such
// records, and a file that stops between two records cannot be told from a complete one.
//
// Change records ("changetype:") and values by URL ("name:< file:…") are not supported.
package directory

import (
	"cmp"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/go-ldap/ldap/v3"

	"ucs-harden/hostnet"
	"ucs-harden/identity"
)

// The errors that call for different hints. When several servers failed, the error matches (errors.Is) the errors of
// all of them.
var (
	// ErrUnreachable: the connection to the server fails, is dropped, or the server does not answer in time.
	ErrUnreachable = errors.New("the LDAP server cannot be reached")
	// ErrUntrusted: the server offers no TLS; or its certificate is expired, names another host, or is not from the CA
	// of the domain.
	ErrUntrusted = errors.New("the LDAP server is not trusted")
	// ErrBadPassword: the server does not accept this password for this DN. A replica may also say so shortly after the
	// password was rotated.
	ErrBadPassword = errors.New("the LDAP server refuses the machine password")
	// ErrIncomplete: the server, or the LDIF, says that the answer is not complete.
	ErrIncomplete = errors.New("the LDAP answer is not complete")
	// ErrNoControllers: the answer has no domain controller, although every UCS domain has one. The base is wrong, or
	// the account may not read them.
	ErrNoControllers = errors.New("no domain controller found")
	// ErrNoGroup: no group has this name or DN.
	ErrNoGroup = errors.New("there is no such group")
	// ErrNoMark: what should mark an account cannot mark one.
	ErrNoMark = errors.New("this cannot mark an account")
)

// controllerClass is the object class of UCS Primary, Backup and Replica Directory
// Nodes ("domain controllers").
const controllerClass = "univentionDomainController"

var controllers = question[identity.Host]{
	class:      controllerClass,
	attributes: []string{"cn", "associatedDomain", "aRecord", "aAAARecord"},
	read: func(dn string, values func(string) []string) (identity.Host, bool) {
		return newHost(dn, values), true
	},
	whole: whole,
}

// smtpService is the service of every UCS server that is a mail server, domain controller or member server.
const smtpService = "SMTP"

var mailServers = question[identity.Host]{
	also:       []string{"(univentionService=" + smtpService + ")"},
	attributes: []string{"cn", "associatedDomain", "aRecord", "aAAARecord", "univentionService"},
	read: func(dn string, values func(string) []string) (identity.Host, bool) {
		is := func(service string) bool { return strings.EqualFold(service, smtpService) }
		return newHost(dn, values), slices.ContainsFunc(values("univentionService"), is)
	},
	whole: func(hosts []identity.Host) ([]identity.Host, error) { return hostsByName(hosts), nil },
}

var addressAttributes = []string{"aRecord", "aAAARecord"}

// newHost makes a Host of an entry. values gives an attribute's values and ignores the case of the name.
func newHost(dn string, values func(attribute string) []string) identity.Host {
	host := identity.Host{DN: dn, Name: hostName(dn, values)}
	for _, attribute := range addressAttributes {
		for _, value := range values(attribute) {
			if addr, err := clientAddress(value); err == nil {
				host.Addresses = append(host.Addresses, addr)
			} else {
				host.Invalid = append(host.Invalid, value)
			}
		}
	}
	slices.SortFunc(host.Addresses, netip.Addr.Compare)
	host.Addresses = slices.Compact(host.Addresses)
	slices.Sort(host.Invalid)
	host.Invalid = slices.Compact(host.Invalid)
	return host
}

func hostName(dn string, values func(string) []string) string {
	name := dn
	if cn := values("cn"); len(cn) > 0 {
		name = cn[0]
	} else if parsed, err := ldap.ParseDN(dn); err == nil && len(parsed.RDNs) > 0 {
		name = parsed.RDNs[0].Attributes[0].Value
	}
	if domain := values("associatedDomain"); len(domain) > 0 && domain[0] != "" {
		name += "." + domain[0]
	}
	return name
}

// clientAddress reads an address from which one host can connect to another. Unspecified, loopback, multicast,
// broadcast, link-local and documentation addresses are refused: in mynetworks they would admit every program on this
// server, or any host on the local network segment. An IPv4 address written as IPv6 (::ffff:10.99.1.10) becomes IPv4.
func clientAddress(value string) (netip.Addr, error) {
	addr, err := netip.ParseAddr(value)
	if err != nil {
		return netip.Addr{}, err
	}
	if addr.Zone() != "" {
		return netip.Addr{}, fmt.Errorf("%q has a zone", value)
	}
	if addr = addr.Unmap(); hostnet.KindOf(addr) == hostnet.Unusable {
		return netip.Addr{}, fmt.Errorf("%q is not the address of a host", value)
	}
	return addr, nil
}

// whole sorts the hosts. An empty answer is ErrNoControllers.
func whole(hosts []identity.Host) ([]identity.Host, error) {
	if len(hosts) == 0 {
		return nil, ErrNoControllers
	}
	return hostsByName(hosts), nil
}

func hostsByName(hosts []identity.Host) []identity.Host {
	slices.SortFunc(hosts, func(a, b identity.Host) int {
		return cmp.Or(strings.Compare(a.Name, b.Name), strings.Compare(a.DN, b.DN))
	})
	return hosts
}
