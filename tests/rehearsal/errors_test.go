package rehearsal_test

import (
	"net/netip"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ucs-harden/privatepostfix"
	"ucs-harden/tests/lab"
)

// When a port does not answer, the error names the port and contains what Postfix says about it, at once.
func TestStartSaysWhatIsWrong(t *testing.T) {
	s := newServer(t)
	for name, test := range map[string]struct {
		file, old, by string
		ports         []int
		says          string
	}{
		"a recipient list that makes an open relay": {
			"main", "reject_unauth_destination", "reject_unlisted_sender", []int{25, 465, 587},
			"specify at least one working instance of: reject_unauth_destination",
		},
		"the same, of one service": {
			"master", "smtpd_enforce_tls=yes", "smtpd_recipient_restrictions=permit_mynetworks", []int{587},
			"specify at least one working instance of: reject_unauth_destination",
		},
		"a certificate that is not there": {
			"main", "/etc/univention/ssl/mail.company.my/cert.pem", "/etc/univention/ssl/cert.pem", []int{465, 587},
			`cannot get RSA certificate from file "/etc/univention/ssl/cert.pem"`,
		},
		"a SASL socket that is not there": {
			"main", "smtpd_sasl_path = private/auth", "smtpd_sasl_path = private/login", []int{465, 587},
			"Connect to Dovecot auth socket 'private/login' failed: No such file or directory",
		},
		"a value that Postfix cannot read": {
			"main", "biff = no", "smtpd_timeout = a while", []int{25, 465, 587},
			"fatal: parameter smtpd_timeout: bad time value or unit: a while",
		},
		"an address that the server does not have": {
			"main", "inet_interfaces = all", "inet_interfaces = 192.0.2.1", []int{25, 465, 587},
			"master: fatal: parameter inet_interfaces: no local interface found for 192.0.2.1",
		},
	} {
		t.Run(name, func(t *testing.T) {
			c := s.config(t)
			// As on UCS 5.0. With relay restrictions, no recipient list makes an open relay.
			c.Main = append(c.Main, "\nsmtpd_relay_restrictions =\n"...)
			if test.file == "main" {
				c.Main = replace(t, c.Main, test.old, test.by)
			} else {
				c.Master = replace(t, c.Master, test.old, test.by)
			}
			out := s.rehearse(t, c)
			assert.Contains(t, out.Error, "cannot start the private Postfix: ")
			assert.Contains(t, out.Error, test.says)
			assert.Equal(t, test.ports, out.Ports)
			assert.Less(t, out.Start.Seconds(), 5.0, "no waiting for what cannot come")
			s.wantNothing(t)
		})
	}
}

// A mistake that does not stop a port shows in the replies, with the reason from the log.
func TestRepliesSayWhatIsWrong(t *testing.T) {
	s := newServer(t)
	outsider := stranger(25)
	outsider.Recipient = "clerk@company.local"
	for name, test := range map[string]struct {
		old, by string
		reply   string
		log     string
	}{
		"a table that is not there": {
			"permit_mynetworks,", "check_sender_access hash:/etc/postfix/nowhere, permit_mynetworks,",
			"451 4.3.5 <me@foreign.example>: Sender address rejected: Server configuration error",
			"open database /etc/postfix/nowhere.db: No such file or directory",
		},
		"an LDAP map that is not there": {
			"ldap.virtual_mailbox", "ldap.nowhere",
			"451 4.3.0 <clerk@company.local>: Temporary lookup failure",
			"open /etc/postfix/ldap.nowhere: No such file or directory",
		},
		"a network with host bits": {
			"127.0.0.0/8", "127.0.0.1/8",
			"451 4.3.0 <clerk@company.local>: Temporary lookup failure",
			`non-null host address bits in "127.0.0.1/8"`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			c := s.config(t)
			c.Main = replace(t, c.Main, test.old, test.by)
			out := s.rehearse(t, c, outsider)
			require.Empty(t, out.Error)
			assert.Equal(t, test.reply, out.Replies[0].String())
			assert.Contains(t, strings.Join(out.Replies[0].Log, "\n"), test.log)
			assert.Contains(t, strings.Join(out.Complaints, "\n"), test.log)
		})
	}
	t.Run("an LDAP server that is down", func(t *testing.T) {
		require.NoError(t, s.Stop(t.Context(), lab.Slapd))
		defer func() { require.NoError(t, s.Start(t.Context(), lab.Slapd)) }()
		out := s.rehearse(t, s.config(t), outsider)
		require.Empty(t, out.Error)
		assert.Equal(t, "451 4.3.0 <clerk@company.local>: Temporary lookup failure", out.Replies[0].String())
		assert.Contains(t, strings.Join(out.Replies[0].Log, "\n"), "dict_ldap")
	})
	t.Run("a client that speaks what the server does not", func(t *testing.T) {
		d := stranger(25)
		d.Client = netip.MustParseAddr("fd99:1::50")
		out := s.rehearse(t, s.config(t), d)
		require.Empty(t, out.Error)
		assert.Zero(t, out.Replies[0].Code)
		assert.Equal(t, privatepostfix.AtConnect, out.Replies[0].At)
	})
}

// The error says that the disk is full, and nothing remains.
func TestFullDisk(t *testing.T) {
	s := newServer(t)
	for _, argv := range [][]string{
		{"mkdir", "/run/small"},
		{"mount", "-t", "tmpfs", "-o", "size=4k,mode=755", "small", "/run/small"},
	} {
		result, err := s.Mail().Run(t.Context(), argv...)
		require.NoError(t, err)
		require.Zero(t, result.Code, result.Stderr)
	}
	c := s.config(t)
	c.Parent = "/run/small"
	out := s.rehearse(t, c, stranger(25))
	assert.Contains(t, out.Error, "no space left on device")
	entries, err := s.Mail().ReadDir("/run/small")
	require.NoError(t, err)
	assert.Empty(t, entries)
	s.wantNothing(t)
}
