package lab

import (
	"cmp"
	"context"
	"net"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"ucs-harden/tests/lab/smtpclient"
)

// SMTP returns a new client on this host or machine: its connections begin in the host's network, with the machine's
// address. The client trusts the lab's authority and says the name of the host or machine in EHLO. The test closes it at
// its end. Only one goroutine may use it at a time.
func (l *Lab) SMTP(t testing.TB, host string) *smtpclient.Client {
	t.Helper()
	c, err := l.NewSMTP(host)
	require.NoError(t, err)
	t.Cleanup(c.Close)
	return c
}

// NewSMTP is [Lab.SMTP] outside of a test; the caller closes the client.
func (l *Lab) NewSMTP(host string) (*smtpclient.Client, error) {
	config, err := l.TLS()
	if err != nil {
		return nil, err
	}
	m, further := neighbours[host]
	if !further {
		return &smtpclient.Client{Dial: l.Host(host).Dial, TLS: config, Helo: topology[host].fqdn}, nil
	}
	h, from := l.Host(m.host), &net.TCPAddr{IP: net.ParseIP(m.addr)}
	dial := func(ctx context.Context, network, address string) (net.Conn, error) {
		return h.dialFrom(ctx, from, network, address)
	}
	const lie = "mail.company.my" // a forger's
	return &smtpclient.Client{Dial: dial, TLS: config, Helo: cmp.Or(m.fqdn, lie)}, nil
}

// MailServer is the address under which a host or machine reaches the mail server: 203.0.113.1 from outside, 127.0.0.1
// on the mail server itself.
func MailServer(host string) string {
	switch at(host) {
	case "mail":
		return "127.0.0.1"
	case "outside", "mx":
		return strings.TrimSuffix(topology["mail"].plugs[1].addresses[0], "/24")
	}
	return strings.TrimSuffix(topology["mail"].plugs[0].addresses[0], "/24")
}
