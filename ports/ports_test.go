package ports

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ucs-harden/maincf"
	"ucs-harden/mastercf"
)

func parse(t *testing.T, main, master string) []Port {
	t.Helper()
	m, err := maincf.Parse([]byte(main))
	require.NoError(t, err)
	services, err := mastercf.Parse([]byte(master))
	require.NoError(t, err)
	return Of(m, services)
}

// The MX is the port for other mail servers, whatever its number is.
func TestTheMXHasAnotherPort(t *testing.T) {
	all := parse(t, "", "2525 inet n - n - 1 postscreen\nsmtpd pass - - n - - smtpd -o smtpd_tls_security_level=may\n203.0.113.1:26 inet n - n - - smtpd\n")
	require.Len(t, all, 2)
	assert.Equal(t, "127.0.0.1:2525", all[0].Addr)
	assert.Equal(t, map[string]string{"smtpd_tls_security_level": "may"}, all[0].Options, "behind postscreen")
	assert.Equal(t, "203.0.113.1:26", all[1].Addr)
	assert.True(t, all[0].MX && all[1].MX)
}

// Names, addresses and defaults are those of master(5) and postconf(5).
func TestOf(t *testing.T) {
	all := parse(t, "inet_interfaces = 10.99.1.1, localhost\n", `smtp inet n - n - - smtpd
smtps inet n - n - - smtpd -o smtpd_tls_wrappermode=yes -o smtpd_sasl_auth_enable=yes -o syslog_name=x
submission inet n - n - - smtpd -o smtpd_enforce_tls=yes
127.0.0.1:10025 inet n - n - - smtpd
[::1]:25 inet n - n - - postscreen
smtpd pass - - n - - smtpd
628 inet n - n - - qmqpd
smtp unix - - n - - smtp
`)
	type seen struct {
		service, addr, name string
		options             map[string]string
		implicitTLS, mx     bool
	}
	none := map[string]string{}
	var got []seen
	for _, p := range all {
		got = append(got, seen{p.Service, p.Addr, nameOf(p.Service, p.Addr), p.Options, p.ImplicitTLS, p.MX})
	}
	assert.Equal(t, []seen{
		{"smtp/inet", "10.99.1.1:25", "25 (smtp)", none, false, true},
		{
			"smtps/inet", "10.99.1.1:465", "465 (smtps)",
			map[string]string{"smtpd_tls_wrappermode": "yes", "smtpd_sasl_auth_enable": "yes"}, true, false,
		},
		{
			"submission/inet", "10.99.1.1:587", "587 (submission)", map[string]string{"smtpd_enforce_tls": "yes"},
			false, false,
		},
		{"127.0.0.1:10025/inet", "127.0.0.1:10025", "10025", none, false, false},
		{"[::1]:25/inet", "[::1]:25", "25", none, false, false},
	}, got)
}

// Of smtpd_tls_wrappermode in main.cf and in master.cf the latter counts.
func TestImplicitTLS(t *testing.T) {
	for _, c := range []struct {
		main, option string
		want         bool
	}{
		{"", "", false}, {"yes", "", true},
		{"yes", "-o smtpd_tls_wrappermode=no", false}, {"no", "-o smtpd_tls_wrappermode=yes", true},
	} {
		all := parse(t, "smtpd_tls_wrappermode = "+c.main+"\n", "smtps inet n - n - - smtpd "+c.option+"\n")
		require.Len(t, all, 1)
		assert.Equal(t, c.want, all[0].ImplicitTLS, "%v", c)
	}
}

func TestListens(t *testing.T) {
	for main, want := range map[string]string{
		"":                                     "127.0.0.1",
		"inet_interfaces = all":                "127.0.0.1",
		"inet_protocols = ipv6":                "::1",
		"inet_interfaces = [fd99::1]":          "fd99::1",
		"inet_interfaces = localhost 10.0.0.1": "10.0.0.1",
	} {
		parsed, err := maincf.Parse([]byte(main + "\n"))
		require.NoError(t, err)
		assert.Equal(t, want, listens(parsed), main)
	}
}
