package directory

import (
	"context"
	"crypto/x509"
	"io"
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ucs-harden/identity"
)

func addresses(values ...string) []netip.Addr {
	var addrs []netip.Addr
	for _, value := range values {
		addrs = append(addrs, netip.MustParseAddr(value))
	}
	return addrs
}

// companyHosts are the domain controllers of company.
var companyHosts = []identity.Host{
	{Name: "dc2.company.my", DN: "cn=dc2,cn=dc,cn=computers,dc=company,dc=my", Addresses: addresses("10.99.1.9", "10.99.1.10", "fd99:1::10")},
	{Name: "dc3", DN: "cn=dc3,cn=dc,cn=computers,dc=company,dc=my", Addresses: addresses("fd99:1::30")},
	{Name: "dc4.company.my", DN: "cn=dc4,cn=dc,cn=computers,dc=company,dc=my"},
	{
		Name: "dc5.company.my", DN: "cn=dc5,cn=dc,cn=computers,dc=company,dc=my",
		Addresses: addresses("10.99.1.50", "10.99.1.51"), Invalid: []string{"10.99.1.999", "127.0.0.1"},
	},
	{Name: "mail.company.my", DN: "cn=mail,cn=dc,cn=computers,dc=company,dc=my", Addresses: addresses("10.99.1.1")},
}

// silent starts a server that accepts connections and never answers.
func silent(t *testing.T) (address string, accepted <-chan struct{}) {
	t.Helper()
	return serve(t, func(conn net.Conn) { _, _ = io.Copy(io.Discard, conn) })
}

// serve handles connections until the test ends.
func serve(t *testing.T, handle func(net.Conn)) (address string, accepted <-chan struct{}) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = listener.Close() })
	connections := make(chan struct{}, 100)
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			connections <- struct{}{}
			go func() {
				defer func() { _ = conn.Close() }()
				handle(conn)
			}()
		}
	}()
	return listener.Addr().String(), connections
}

// cutAfter starts a proxy that passes on the first limit bytes of a server's answers and then hangs up.
func cutAfter(t *testing.T, server string, limit int64) string {
	t.Helper()
	address, _ := serve(t, func(client net.Conn) {
		upstream, err := net.Dial("tcp", server)
		if err != nil {
			return
		}
		defer func() { _ = upstream.Close() }()
		go func() { _, _ = io.Copy(upstream, client) }()
		_, _ = io.CopyN(client, upstream, limit)
	})
	return address
}

func TestDomainControllers(t *testing.T) {
	t.Parallel()
	ca := newAuthority(t)
	good := startSlapd(t, ca, company, settings{})
	port := good.address[strings.LastIndex(good.address, ":"):]

	t.Run("one, several, IPv6, none and broken addresses", func(t *testing.T) {
		hosts, err := DomainControllers(t.Context(), config(t, ca, good.address))
		require.NoError(t, err)
		assert.Equal(t, companyHosts, hosts)
	})
	t.Run("a certificate for the name that the client uses", func(t *testing.T) {
		hosts, err := DomainControllers(t.Context(), config(t, ca, "localhost"+port))
		require.NoError(t, err)
		assert.Equal(t, companyHosts, hosts)
	})
	t.Run("the same from slapcat's LDIF", func(t *testing.T) {
		hosts, err := ControllersFromLDIF(strings.NewReader(slapcat(t, good)))
		require.NoError(t, err)
		assert.Equal(t, companyHosts, hosts)
	})
	t.Run("the same from ldapsearch's LDIF", func(t *testing.T) {
		for _, options := range [][]string{nil, {"-L"}, {"-LL"}, {"-LLL"}, {"-o", "ldif-wrap=no"}} {
			out := ldapsearch(t, ca, good, append(options, "(objectClass=univentionDomainController)",
				"objectClass", "cn", "associatedDomain", "aRecord", "aAAARecord", "description")...)
			hosts, err := ControllersFromLDIF(strings.NewReader(out))
			require.NoError(t, err, "%q", options)
			assert.Equal(t, companyHosts, hosts, "%q", options)
		}
	})
	t.Run("the password file ends in a line break", func(t *testing.T) {
		c := config(t, ca, good.address)
		c.PasswordFile = writeFile(t, "machine.secret", password+"\n")
		_, err := DomainControllers(t.Context(), c)
		require.NoError(t, err)
	})
	t.Run("the password file ends in two line breaks", func(t *testing.T) {
		c := config(t, ca, good.address)
		c.PasswordFile = writeFile(t, "machine.secret", password+"\n\n")
		_, err := DomainControllers(t.Context(), c)
		require.ErrorIs(t, err, ErrBadPassword)
	})
	t.Run("a wrong password", func(t *testing.T) {
		c := config(t, ca, good.address)
		c.PasswordFile = writeFile(t, "machine.secret", "yesterday's")
		_, err := DomainControllers(t.Context(), c)
		require.ErrorIs(t, err, ErrBadPassword)
		require.NotErrorIs(t, err, ErrUnreachable)
		assert.Contains(t, err.Error(), good.address)
		assert.Contains(t, err.Error(), machine)
		assert.NotContains(t, err.Error(), "yesterday's")
	})
	t.Run("a CA of somebody else", func(t *testing.T) {
		_, err := DomainControllers(t.Context(), config(t, newAuthority(t), good.address))
		require.ErrorIs(t, err, ErrUntrusted)
		require.NotErrorIs(t, err, ErrUnreachable)
		assert.NotContains(t, err.Error(), password)
	})
	t.Run("a machine account name that is not a DN", func(t *testing.T) {
		c := config(t, ca, good.address)
		c.BindDN = "mail$"
		_, err := DomainControllers(t.Context(), c)
		require.ErrorContains(t, err, "cannot bind as mail$")
		require.NotErrorIs(t, err, ErrBadPassword)
		require.NotErrorIs(t, err, ErrUnreachable)
	})
	t.Run("a base that does not exist", func(t *testing.T) {
		c := config(t, ca, good.address)
		c.BaseDN = "ou=elsewhere," + base
		_, err := DomainControllers(t.Context(), c)
		require.ErrorIs(t, err, ErrIncomplete)
		assert.Contains(t, err.Error(), "No Such Object")
	})
	t.Run("no domain controller below the base", func(t *testing.T) {
		c := config(t, ca, good.address)
		c.BaseDN = "dc=member,cn=computers," + base
		_, err := DomainControllers(t.Context(), c)
		require.ErrorIs(t, err, ErrNoControllers)
	})
	t.Run("the first server is down", func(t *testing.T) {
		hosts, err := DomainControllers(t.Context(), config(t, ca, freeAddress(t), good.address))
		require.NoError(t, err)
		assert.Equal(t, companyHosts, hosts)
	})
	t.Run("the first server hangs up", func(t *testing.T) {
		rude, _ := serve(t, func(net.Conn) {})
		hosts, err := DomainControllers(t.Context(), config(t, ca, rude, good.address))
		require.NoError(t, err)
		assert.Equal(t, companyHosts, hosts)
	})
	t.Run("the first server never answers", func(t *testing.T) {
		mute, accepted := silent(t)
		c := config(t, ca, mute, good.address)
		c.Timeout = 3 * time.Second
		hosts, err := DomainControllers(t.Context(), c)
		require.NoError(t, err)
		assert.Equal(t, companyHosts, hosts)
		assert.Len(t, accepted, 1)
	})
	t.Run("the first server hangs inside the TLS handshake", func(t *testing.T) {
		// StartTLS succeeds (RFC 4511, 4.14.2: extendedResp, success), then nothing.
		mute, _ := serve(t, func(conn net.Conn) {
			_, _ = conn.Read(make([]byte, 100))
			_, _ = conn.Write([]byte("\x30\x0c\x02\x01\x01\x78\x07\x0a\x01\x00\x04\x00\x04\x00"))
			_, _ = io.Copy(io.Discard, conn)
		})
		c := config(t, ca, mute, good.address)
		c.Timeout = 3 * time.Second
		hosts, err := DomainControllers(t.Context(), c)
		require.NoError(t, err)
		assert.Equal(t, companyHosts, hosts)
	})
}

func TestDomainControllersAllServersFail(t *testing.T) {
	t.Parallel()
	ca := newAuthority(t)

	t.Run("both are down", func(t *testing.T) {
		first, second := freeAddress(t), freeAddress(t)
		_, err := DomainControllers(t.Context(), config(t, ca, first, second))
		require.ErrorIs(t, err, ErrUnreachable)
		assert.Contains(t, err.Error(), first)
		assert.Contains(t, err.Error(), second)
		assert.NotContains(t, err.Error(), "\n")
	})
	t.Run("neither answers in time", func(t *testing.T) {
		first, _ := silent(t)
		second, accepted := silent(t)
		c := config(t, ca, first, second)
		c.Timeout = 300 * time.Millisecond
		begin := time.Now()
		_, err := DomainControllers(t.Context(), c)
		require.ErrorIs(t, err, ErrUnreachable)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		assert.Len(t, accepted, 1, "the second was asked")
		assert.Less(t, time.Since(begin), 5*time.Second)
	})
	t.Run("no StartTLS, and terminal codes in the reason", func(t *testing.T) {
		// extendedResp, protocolError (2), with a diagnosticMessage.
		plain, _ := serve(t, func(conn net.Conn) {
			_, _ = conn.Read(make([]byte, 100))
			_, _ = conn.Write([]byte("\x30\x0f\x02\x01\x01\x78\x0a\x0a\x01\x02\x04\x00\x04\x03\x1b[m"))
			_, _ = io.Copy(io.Discard, conn)
		})
		_, err := DomainControllers(t.Context(), config(t, ca, plain))
		require.ErrorIs(t, err, ErrUntrusted)
		assert.Contains(t, err.Error(), "StartTLS")
		assert.Contains(t, err.Error(), "[m")
		assert.NotContains(t, err.Error(), "\x1b")
	})
	t.Run("a server that is not host:port", func(t *testing.T) {
		_, err := DomainControllers(t.Context(), config(t, ca, "primary"))
		require.ErrorContains(t, err, "primary")
	})
	t.Run("each for its own reason", func(t *testing.T) {
		refusing := startSlapd(t, ca, strings.ReplaceAll(company, password, "new password"), settings{})
		strange := startSlapd(t, newAuthority(t), company, settings{})
		down := freeAddress(t)
		_, err := DomainControllers(t.Context(), config(t, ca, refusing.address, strange.address, down))
		for _, want := range []error{ErrBadPassword, ErrUntrusted, ErrUnreachable} {
			require.ErrorIs(t, err, want)
		}
		for _, server := range []string{refusing.address, strange.address, down} {
			assert.Contains(t, err.Error(), server)
		}
		assert.NotContains(t, err.Error(), password)
	})
}

func TestDomainControllersCertificates(t *testing.T) {
	t.Parallel()
	ca := newAuthority(t)
	expired := localhost
	expired.NotAfter = time.Now().Add(-time.Hour)
	for sentence, certificate := range map[string]x509.Certificate{
		"for another name": {DNSNames: []string{"other.company.my"}},
		"expired":          expired,
	} {
		t.Run(sentence, func(t *testing.T) {
			server := startSlapd(t, ca, company, settings{certificate: certificate})
			_, err := DomainControllers(t.Context(), config(t, ca, server.address))
			require.ErrorIs(t, err, ErrUntrusted)
			require.NotErrorIs(t, err, ErrUnreachable)
			assert.Contains(t, err.Error(), "certificate")
		})
	}
}

func TestDomainControllersNeverHalf(t *testing.T) {
	t.Parallel()
	ca := newAuthority(t)
	entries := crowd(1200)
	all := len(companyHosts) + 1200
	whole := startSlapd(t, ca, entries, settings{})
	limited := startSlapd(t, ca, entries, settings{sizeLimit: "700"})

	t.Run("more than a page", func(t *testing.T) {
		hosts, err := DomainControllers(t.Context(), config(t, ca, whole.address))
		require.NoError(t, err)
		assert.Len(t, hosts, all)
		assert.Equal(t, "dc-0001", hosts[0].Name)
		assert.Equal(t, "dc-1200", hosts[1199].Name)
	})
	t.Run("the size limit strikes in the second page", func(t *testing.T) {
		hosts, err := DomainControllers(t.Context(), config(t, ca, limited.address))
		require.ErrorIs(t, err, ErrIncomplete)
		assert.Contains(t, err.Error(), "Size Limit Exceeded")
		assert.Nil(t, hosts)
	})
	t.Run("then the next server gives all, each once", func(t *testing.T) {
		hosts, err := DomainControllers(t.Context(), config(t, ca, limited.address, whole.address))
		require.NoError(t, err)
		assert.Len(t, hosts, all)
	})
	t.Run("the connection ends in the middle", func(t *testing.T) {
		cut := cutAfter(t, whole.address, 60_000)
		hosts, err := DomainControllers(t.Context(), config(t, ca, cut))
		require.ErrorIs(t, err, ErrUnreachable)
		assert.Nil(t, hosts)

		hosts, err = DomainControllers(t.Context(), config(t, ca, cut, whole.address))
		require.NoError(t, err)
		assert.Len(t, hosts, all)
	})
	t.Run("ldapsearch was limited and says so", func(t *testing.T) {
		out := ldapsearch(t, ca, limited, "(objectClass=univentionDomainController)", "objectClass", "cn", "aRecord")
		_, err := ControllersFromLDIF(strings.NewReader(out))
		require.ErrorIs(t, err, ErrIncomplete)
		assert.Contains(t, err.Error(), "4 Size limit exceeded")
	})
	t.Run("a part of the tree is elsewhere", func(t *testing.T) {
		referring := startSlapd(t, ca, company+`
dn: ou=branch,dc=company,dc=my
objectClass: referral
objectClass: extensibleObject
ou: branch
ref: ldap://branch.company.my/ou=branch,dc=company,dc=my
`, settings{})
		_, err := DomainControllers(t.Context(), config(t, ca, referring.address))
		require.ErrorIs(t, err, ErrIncomplete)
		assert.Contains(t, err.Error(), "other servers")

		_, err = ControllersFromLDIF(strings.NewReader(ldapsearch(t, ca, referring, "(objectClass=*)")))
		require.ErrorIs(t, err, ErrIncomplete)
	})
}

func TestDomainControllersInterrupted(t *testing.T) {
	t.Parallel()
	ca := newAuthority(t)

	t.Run("before it began", func(t *testing.T) {
		mute, accepted := silent(t)
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		_, err := DomainControllers(ctx, config(t, ca, mute))
		require.ErrorIs(t, err, context.Canceled)
		assert.Empty(t, accepted)
	})
	t.Run("while waiting; the next server is not asked", func(t *testing.T) {
		first, accepted := silent(t)
		second, untouched := silent(t)
		ctx, cancel := context.WithCancel(t.Context())
		go func() {
			<-accepted
			cancel()
		}()
		begin := time.Now()
		_, err := DomainControllers(ctx, config(t, ca, first, second))
		require.ErrorIs(t, err, context.Canceled)
		require.NotErrorIs(t, err, ErrUnreachable)
		assert.Empty(t, untouched)
		assert.Less(t, time.Since(begin), 5*time.Second)
	})
}
