package rehearsal_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ucs-harden/tests/lab"
)

// A port that does not work today is not a mistake of the plan: a note says so, and the apply goes on. Only a plan
// about this port cannot be applied.
func TestWhatDoesNotWorkToday(t *testing.T) {
	s := newServer(t)
	harden := func(code int, arguments string) (stdout, stderr string) {
		t.Helper()
		require.NoError(t, s.BackdatePostfix())
		result, err := s.Mail().Run(t.Context(), append([]string{"ucs-harden"}, strings.Fields(arguments)...)...)
		require.NoError(t, err)
		require.Equal(t, code, result.Code, result.Stdout+result.Stderr)
		return result.Stdout, result.Stderr
	}

	t.Run("Dovecot is down: 465 and 587 are dead already", func(t *testing.T) {
		require.NoError(t, s.Stop(t.Context(), lab.Dovecot))
		s.ReloadPostfix(t) // an smtpd that runs already knows Dovecot still
		_, stderr := harden(1, "apply --mode warn --yes")
		assert.Contains(t, stderr, "error: cannot rehearse: today's configuration: ", "what the plan does to these ports cannot be shown")
		s.UCR(t, "set", "mail/harden/submission/mode=off")
		stdout, _ := harden(0, "apply --mode warn --yes")
		stdout = strings.Join(strings.Fields(stdout), " ")
		assert.Contains(t, stdout, "note: cannot rehearse port 465, 587: smtpd does not greet: ")
		assert.Contains(t, stdout, "; this is already so today and not caused by the plan ")
		require.NoError(t, s.Start(t.Context(), lab.Dovecot))
		require.NoError(t, s.Restart(t.Context(), lab.Postfix)) // master(8) throttles a service that died for a minute
		harden(0, "rollback")
		s.UCR(t, "unset", "mail/harden/submission/mode")
	})

	dns, err := s.Mail().ReadFile("/etc/dnsmasq-lab.conf")
	require.NoError(t, err)
	known := "mx-host=iana.org,mx.foreign.example,10\n"
	require.Contains(t, string(dns), known)
	require.NoError(t, s.Mail().WriteFile("/etc/dnsmasq-lab.conf", []byte(strings.Replace(string(dns), known, "", 1)), 0o644))
	require.NoError(t, s.Restart(t.Context(), lab.DNS))

	t.Run("DNS knows no other domain, and mail leaves by DNS", func(t *testing.T) {
		stdout, _ := harden(0, "apply --mode enforce --no-evidence --yes")
		assert.Contains(t, strings.Join(strings.Fields(stdout), " "), "note: this server's DNS does not know iana.org, so mail to foreign domains was not rehearsed")
		harden(0, "rollback")
	})
	t.Run("DNS knows no other domain, and mail leaves through a relay host", func(t *testing.T) {
		s.AddMainCF(t, "relayhost = [203.0.113.25]")
		before, err := s.Snapshot("/etc/postfix", "/etc/univention")
		require.NoError(t, err)
		_, stderr := harden(1, "apply --mode enforce --no-evidence --yes")
		assert.Contains(t, stderr, "this server's DNS does not know the domain; nothing was changed")
		after, err := s.Snapshot("/etc/postfix", "/etc/univention")
		require.NoError(t, err)
		assert.Empty(t, before.Diff(after))
	})
}
