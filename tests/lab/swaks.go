package lab

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Must runs a command on the mail server, which has to succeed, and returns what it prints.
func (l *Lab) Must(t testing.TB, argv ...string) string {
	t.Helper()
	result, err := l.Mail().Run(t.Context(), argv...)
	require.NoError(t, err)
	require.Zero(t, result.Code, "%q: %s%s", argv, result.Stdout, result.Stderr)
	return result.Stdout
}

// Swaks begins to send a message with swaks from a host and returns the reply that decides: to RCPT, or to an earlier command
// that is refused.
func (l *Lab) Swaks(t testing.TB, from string, more ...string) string {
	t.Helper()
	require.NoError(t, l.BackdatePostfix())
	argv := append([]string{"swaks", "--server", MailServer(from), "--quit-after", "RCPT", "--timeout", "30"}, more...)
	result, err := l.Host(from).Run(t.Context(), argv...)
	require.NoError(t, err)
	var reply string
	for line := range strings.Lines(result.Stdout) {
		for _, mark := range []string{"<-  ", "<~  ", "<** ", "<~* "} {
			if rest, ok := strings.CutPrefix(line, mark); ok && !strings.HasPrefix(rest, "221") {
				reply = strings.TrimSpace(rest)
			}
		}
	}
	require.NotEmpty(t, reply, "%q: %s%s", argv, result.Stdout, result.Stderr)
	return reply
}

// SwaksLogin are the arguments of [Lab.Swaks] for a client that logs in on port 587.
func SwaksLogin(login string) []string {
	uid, _, _ := strings.Cut(login, "@")
	return []string{"--port", "587", "--tls", "--auth", "PLAIN", "--auth-user", login, "--auth-password", "lab-" + uid}
}

// Harden runs ucs-harden on the mail server. It waits for the lock, which whoever watches the deadline of an apply may have.
func (l *Lab) Harden(t testing.TB, command string) Result {
	t.Helper()
	const locked = 11
	var result Result
	l.WaitFor(t, "the lock of ucs-harden", func() bool {
		require.NoError(t, l.BackdatePostfix())
		var err error
		result, err = l.Mail().Run(t.Context(), append([]string{"ucs-harden"}, strings.Fields(command)...)...)
		require.NoError(t, err)
		return result.Code != locked
	})
	return result
}
