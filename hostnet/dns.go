package hostnet

import (
	"context"
	"net"
	"net/netip"
	"slices"
	"strings"
	"time"

	"ucs-harden/mailbox"
)

// dnsTimeout is how long the DNS may take to answer about one name.
const dnsTimeout = 5 * time.Second

// Knows reports whether this server's DNS has a mail server (MX) or an address for a domain.
func Knows(ctx context.Context, domain string) bool {
	ctx, cancel := context.WithTimeout(ctx, dnsTimeout)
	defer cancel()
	if mx, err := net.DefaultResolver.LookupMX(ctx, domain); err == nil && len(mx) > 0 {
		return true
	}
	addresses, err := net.DefaultResolver.LookupHost(ctx, domain)
	return err == nil && len(addresses) > 0
}

// NameOf looks up the name of an address, and checks that the name resolves to this address (postconf(5),
// smtpd_peername_lookup). It returns "" if there is no such name.
func NameOf(ctx context.Context, address string) string {
	ctx, cancel := context.WithTimeout(ctx, dnsTimeout)
	defer cancel()
	names, err := net.DefaultResolver.LookupAddr(ctx, address)
	if err != nil || len(names) == 0 {
		return ""
	}
	name := strings.TrimSuffix(names[0], ".")
	addresses, err := net.DefaultResolver.LookupHost(ctx, name)
	if err != nil || mailbox.CheckHost(name) != nil {
		return ""
	}
	if !slices.Contains(addresses, address) {
		return ""
	}
	return name
}

// Lookup returns the addresses of a name, none when the DNS knows none.
func Lookup(ctx context.Context, name string) []netip.Addr {
	ctx, cancel := context.WithTimeout(ctx, dnsTimeout)
	defer cancel()
	addresses, err := net.DefaultResolver.LookupNetIP(ctx, "ip", name)
	if err != nil {
		return nil
	}
	for i, a := range addresses {
		addresses[i] = a.Unmap()
	}
	return addresses
}
