package confirm_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ucs-harden/tests/lab"
	"ucs-harden/transaction"
)

// TestTheRunningPostfixIsAsked breaks, directly after the reload, something that the change itself cannot break. The
// fault shows only on the ports, and the change must be rolled back all the same.
func TestTheRunningPostfixIsAsked(t *testing.T) {
	t.Parallel()
	c := newCompany(t)
	old := c.Configuration(t)
	const key = "/etc/univention/ssl/mail.company.my/private.key"
	for _, broken := range []struct {
		sentence    string
		mode        string
		take, mend  func() error
		port, about string
	}{
		{
			sentence: "AUTH: Dovecot is down", mode: "enforce",
			take: func() error { return c.Stop(t.Context(), lab.Dovecot) },
			mend: func() error { return c.Start(t.Context(), lab.Dovecot) },
			port: `(465 \(smtps\)|587 \(submission\))`, about: `(greeted|offered STARTTLS) before and does not now`,
		},
		{
			sentence: "TLS: the key is gone", mode: "warn",
			take: func() error { return c.shell(t, "mv "+key+" /root/key") },
			mend: func() error { return c.shell(t, "mv /root/key "+key) },
			port: `(25|465 \(smtps\)|587 \(submission\))`, about: `(greeted|offered STARTTLS) before and does not now`,
		},
		{
			// postconf(5), message_size_limit: smtpd requires free space for one and a half messages of that size.
			sentence: "the dialogue: no space for a message", mode: "enforce",
			take: func() error { return c.Mail().LimitDisk(8 << 20) },
			mend: c.Mail().UnlimitDisk,
			port: `25`, about: `took mail for postmaster before and does not now`,
		},
	} {
		t.Run(broken.sentence, func(t *testing.T) {
			c.after(transaction.StepReload, func() string {
				assert.NoError(t, broken.take())
				return "go"
			})
			said := c.harden(t, "apply --no-evidence --mode "+broken.mode+" --yes --no-rehearsal --confirm-within 1h", 3)
			require.NoError(t, broken.mend())
			require.NoError(t, c.Restart(t.Context(), lab.Postfix)) // master(8) waits a minute before a restart
			assert.Regexp(t, `\nerror: cannot apply: rolled back: step verify: port `+broken.port+` `+broken.about+`[^\n]*\nhint: the server is as it was before`, said.Stderr)
			assert.LessOrEqual(t, strings.Count(said.Stderr, "cannot "), 2, "a chain: %s", said.Stderr)
			c.mustBe(t, old)
			require.Nil(t, c.journal())
			c.nobodyWatches(t)
		})
	}
}

func (c *company) shell(t *testing.T, script string) error {
	t.Helper()
	result, err := c.Mail().Run(t.Context(), "sh", "-ec", script)
	assert.Zero(t, result.Code, result.Stderr)
	return err
}
