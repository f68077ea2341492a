package rehearsal_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// counted is a policy service with a quota of none, which writes down every request.
const counted = `#!/bin/sh
while read -r line; do
	[ -n "$line" ] && continue
	echo asked >>/var/tmp/asked
	printf 'action=REJECT 5.7.1 quota exceeded\n\n'
done
`

// quotaMaster runs it at 127.0.0.1:10031; the list filter of UCS is unix:private/listfilter.
const quotaMaster = "127.0.0.1:10031 inet n n n - 0 spawn\n  user=nobody argv=/usr/local/bin/counted\n"

// A policy service counts what it is asked: it may have a quota for each login. No command of ucs-harden asks one, and
// each says so. What is wrong behind a policy service in the same list is found all the same.
func TestPolicyServicesAreNotAsked(t *testing.T) {
	s := newServer(t)
	for _, path := range []string{"/usr/local/bin/counted", "/usr/share/univention-mail-postfix/listfilter.py"} {
		require.NoError(t, s.Mail().WriteFile(path, []byte(counted), 0o755))
	}
	require.NoError(t, s.Mail().WriteFile("/var/tmp/asked", nil, 0o666))
	require.NoError(t, s.Mail().WriteFile("/etc/postfix/master.cf.local", []byte(quotaMaster), 0o644))
	s.UCR(t, "set", "mail/postfix/policy/listfilter=yes", recipientList+"05=check_policy_service inet:127.0.0.1:10031")
	s.UCR(t, "commit", "/etc/postfix/master.cf")
	s.ReloadPostfix(t)
	asked := func() int { return strings.Count(string(s.file(t, "/var/tmp/asked")), "asked") }
	const notes = "the policy service inet:127.0.0.1:10031 was not asked: its part in the verdicts is not rehearsed"
	const filter = "the policy service unix:private/listfilter was not asked: its part in the verdicts is not rehearsed"

	s.harden(t, 2, "plan", "--mode", "warn")
	out := flat(s.harden(t, 2, "rehearse", "--mode", "enforce").Stdout)
	assert.Contains(t, out, notes)
	assert.Contains(t, out, filter)
	for _, port := range []string{"25", "465", "587"} {
		out = s.harden(t, 0, "check", "--client", "203.0.113.66", "--port", port, "--from", "me@foreign.example", "--to", "clerk@company.local").Stdout
		assert.Contains(t, out, "the live server also asks the policy service inet:127.0.0.1:10031, which may refuse the message; it was not asked here\n")
		assert.Contains(t, out, "the live server also asks the policy service unix:private/listfilter, ")
	}
	out = flat(s.harden(t, 0, "apply", "--mode", "warn", "--yes").Stdout)
	assert.Contains(t, out, notes)
	assert.Contains(t, out, filter)
	s.harden(t, 0, "apply", "--no-evidence", "--mode", "enforce", "--yes")
	s.UCR(t, "set", "mail/harden/local-only/account/boss/account=boss")
	s.harden(t, 0, "sync")
	assert.Zero(t, asked(), "requests")

	for range 3 {
		s.harden(t, 0, "rollback")
	}
	s.UCR(t, "set", recipientList+"20=check_client_access hash:/etc/postfix/nowhere")
	result := s.harden(t, 1, "apply", "--no-evidence", "--mode", "enforce", "--yes")
	assert.Contains(t, flat(result.Stdout+result.Stderr), "open database /etc/postfix/nowhere.db: No such file or directory")
	assert.Zero(t, asked(), "requests")
	s.UCR(t, "unset", recipientList+"20")

	live, err := s.Host("outside").Run(t.Context(), "swaks", "--server", "203.0.113.1", "--from", "me@foreign.example",
		"--to", "clerk@company.local", "--quit-after", "RCPT")
	require.NoError(t, err)
	assert.Contains(t, live.Stdout, "quota exceeded", "the live server asks it")
	assert.Equal(t, 1, asked(), "and the service counts")
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
