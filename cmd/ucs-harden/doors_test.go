package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ucs-harden/maincf"
	"ucs-harden/postfix"
)

func archive(t *testing.T, files map[string]string) livePostfix {
	t.Helper()
	root := t.TempDir()
	for name, content := range files {
		path := filepath.Join(root, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, []byte(content), 0o644))
	}
	return livePostfix{&global{root: root}, postfix.Postfix{}}
}

// Names, addresses and defaults are those of master(5) and postconf(5).
func TestDoors(t *testing.T) {
	p := archive(t, map[string]string{
		"etc/postfix/main.cf": "inet_interfaces = 10.99.1.1, localhost\n",
		"etc/postfix/master.cf": `smtp inet n - n - - smtpd
smtps inet n - n - - smtpd -o smtpd_tls_wrappermode=yes -o smtpd_sasl_auth_enable=yes -o syslog_name=x
submission inet n - n - - smtpd -o smtpd_enforce_tls=yes
127.0.0.1:10025 inet n - n - - smtpd
[::1]:25 inet n - n - - postscreen
628 inet n - n - - qmqpd
smtp unix - - n - - smtp
`,
	})
	type seen struct {
		service, addr, name string
		options             map[string]string
		implicitTLS, relay  bool
	}
	none := map[string]string{}
	var got []seen
	for _, d := range p.doors() {
		got = append(got, seen{d.Service, d.Addr, d.name(), d.Options, d.implicitTLS, d.relay})
	}
	assert.Equal(t, []seen{
		{"smtp/inet", "10.99.1.1:25", "25 (smtp)", none, false, true},
		{"smtps/inet", "10.99.1.1:465", "465 (smtps)", map[string]string{"smtpd_tls_wrappermode": "yes", "smtpd_sasl_auth_enable": "yes"}, true, false},
		{"submission/inet", "10.99.1.1:587", "587 (submission)", map[string]string{"smtpd_enforce_tls": "yes"}, false, false},
		{"127.0.0.1:10025/inet", "127.0.0.1:10025", "10025", none, false, false},
		{"[::1]:25/inet", "[::1]:25", "25", none, false, true},
	}, got)
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

func TestDoorsWithoutAConfiguration(t *testing.T) {
	assert.Empty(t, archive(t, nil).doors())
}
