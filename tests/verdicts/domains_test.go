package verdicts_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ucs-harden/tests/lab"
	"ucs-harden/tests/lab/smtpclient"
)

// One domain is in enforce, one in warn, and a hosted sub-domain of the first one is off.
func TestDomainsHaveModesOfTheirOwn(t *testing.T) {
	c := newCompany(t)
	c.UCR(t, "set", "mail/hosteddomains=company.my company.local help.company.my")
	c.ReloadPostfix(t)
	untouched := c.Snapshot(t)
	senders := []string{"boss@company.my", "it@sub.company.my", "clerk@company.local", "it@help.company.my", "it@deep.help.company.my", "me@foreign.example"}
	codes := func() map[string]int {
		client, got := c.SMTP(t, "outside"), map[string]int{}
		for _, sender := range senders {
			answer, err := client.Play(t.Context(), smtpclient.Dialogue{Server: lab.MailServer("outside"), Port: 25, MailFrom: sender, RcptTo: []string{"employee@company.my"}})
			require.NoError(t, err)
			got[sender] = answer.Verdict(0).Code
		}
		return got
	}
	all := func(code int) map[string]int {
		m := map[string]int{}
		for _, s := range senders {
			m[s] = code
		}
		return m
	}
	require.Equal(t, all(250), codes())

	c.UCR(t, "set", "mail/harden/sender-spoofing/domain/company.my/mode=enforce", "mail/harden/sender-spoofing/domain/help.company.my/mode=off")
	c.Harden(t, "apply --mode warn --no-evidence --yes")
	want := all(250)
	want["boss@company.my"], want["it@sub.company.my"] = 554, 554
	assert.Equal(t, want, codes())
	for sender, logged := range map[string]bool{"clerk@company.local": true, "it@help.company.my": false, "it@deep.help.company.my": false, "me@foreign.example": false} {
		line := "*** Invalid Inbound Sender ***; from=<" + sender + ">"
		if logged {
			c.WaitFor(t, "the warning about "+sender, func() bool { return strings.Contains(c.MailLog(), line) })
		} else {
			assert.NotContains(t, c.MailLog(), line)
		}
	}

	c.Harden(t, "rollback")
	assert.Equal(t, all(250), codes())
	c.UCR(t, "unset", "mail/harden/sender-spoofing/domain/company.my/mode", "mail/harden/sender-spoofing/domain/help.company.my/mode")
	assert.Empty(t, untouched.Diff(c.Snapshot(t)), "what the rollback left")
}
