package rehearsal_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// gate is a policy service that says which Postfix it belongs to.
const gate = `#!/bin/sh
while read -r line; do
	[ -n "$line" ] || printf 'action=REJECT 5.7.1 gate of %s\n\n' "${MAIL_CONFIG:-/etc/postfix}"
done
`

// A policy service that master.cf defines runs in the private instance too. When only the live queue directory has the
// socket of a policy service, as with a daemon of its own, the instance uses that socket.
func TestPolicyServices(t *testing.T) {
	s := newServer(t)
	require.NoError(t, s.Mail().WriteFile("/usr/local/bin/gate", []byte(gate), 0o755))
	without := s.config(t)
	with := s.config(t)
	with.Master = append(with.Master, "gate unix - n n - 0 spawn\n  user=nobody argv=/usr/local/bin/gate\n"...)
	require.NoError(t, s.Mail().WriteFile("/etc/postfix/master.cf", with.Master, 0o644))
	s.ReloadPostfix(t)
	s.WaitFor(t, "the socket of the live service", func() bool {
		result, err := s.Mail().Run(t.Context(), "test", "-S", "/var/spool/postfix/private/gate")
		return err == nil && result.Code == 0
	})

	const list = "permit_sasl_authenticated,"
	without.Main = replace(t, without.Main, list, "check_policy_service unix:private/gate, "+list)
	with.Main = replace(t, with.Main, list, "check_policy_service { unix:private/gate, timeout=5s }, "+list)
	out := s.rehearse(t, with, stranger(25))
	require.Empty(t, out.Error)
	assert.Regexp(t, `: gate of /run/ucs-harden-rehearsal-\w+/etc$`, out.Replies[0].String())
	out = s.rehearse(t, without, stranger(25))
	require.Empty(t, out.Error)
	assert.Regexp(t, `: gate of /etc/postfix$`, out.Replies[0].String())
	s.wantNothing(t)
}

// With postscreen, the instance runs the smtpd to which postscreen hands connections, with the overrides of that smtpd.
func TestBehindPostscreen(t *testing.T) {
	s := newServer(t)
	s.UCR(t, "set", "mail/postfix/postscreen/enabled=yes", "mail/postfix/mastercf/options/smtp/smtpd_helo_required=yes")
	c := s.config(t)
	require.Contains(t, string(c.Master), "postscreen")
	out := s.rehearse(t, c, stranger(25), stranger(587))
	require.Empty(t, out.Error)
	for _, r := range out.Replies {
		assert.Equal(t, "454 4.7.1 <you@foreign.example>: Relay access denied", r.String())
	}
}
