package verdicts_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ucs-harden/plan"
	"ucs-harden/tests/lab"
	"ucs-harden/tests/lab/smtpclient"
)

const options = "mail/postfix/mastercf/options/"

// letter is a letter as a host hands it in on a port.
type letter struct {
	host            string
	port            int
	login, from, to string
}

// answer is the reply code that a client gets on a port, on a connection of its own.
func (c company) answer(t *testing.T, host string, port int, login, from, to string) int {
	t.Helper()
	client := c.SMTP(t, host)
	defer client.Close()
	return c.asks(t, client, letter{host, port, login, from, to})
}

// asks is the reply code that a client gets, which may have a connection already.
func (c company) asks(t *testing.T, client *smtpclient.Client, l letter) int {
	t.Helper()
	d := smtpclient.Dialogue{
		Server: lab.MailServer(l.host), Port: l.port, Login: l.login, MailFrom: l.from, RcptTo: []string{l.to},
		TLS: map[int]string{465: smtpclient.Implicit, 587: smtpclient.StartTLS, 10587: smtpclient.StartTLS}[l.port],
	}
	if l.login != "" {
		d.Password = lab.Users[l.login].Password
	}
	answer, err := client.Play(t.Context(), d)
	require.NoError(t, err)
	return answer.Verdict(0).Code
}

// services appends entries to master.cf as an administrator does.
func (c company) services(t *testing.T, entries ...string) {
	t.Helper()
	require.NoError(t, c.Mail().WriteFile("/etc/postfix/master.cf.local", []byte(strings.Join(entries, "\n")+"\n"), 0o644))
	result, err := c.Mail().Run(t.Context(), "ucr", "commit", "/etc/postfix/master.cf")
	require.NoError(t, err)
	require.Zero(t, result.Code, result.Stderr)
	c.ReloadPostfix(t)
}

// findings are those of a command, without those about the evidence.
func (c company) findings(t *testing.T, arguments string) map[string]plan.Finding {
	t.Helper()
	var shown plan.Plan
	require.NoError(t, json.Unmarshal([]byte(c.Harden(t, arguments+" --json", 0, 1, 2)), &shown))
	found := map[string]plan.Finding{}
	for _, f := range shown.Findings {
		if f.Kind() != "no-evidence" {
			found[f.ID] = f
		}
	}
	return found
}

// The MX is the smtpd that mail/smtpport names, and further ones are in master.cf.local. Who asks the main list is
// covered by it.
func TestEveryPortThatStrangersReach(t *testing.T) {
	c := newCompany(t)
	c.UCR(t, "set", "mail/smtpport=2525", options+"smtp/smtpd_recipient_restrictions=permit_mynetworks,reject_unauth_destination")
	c.services(t, "2526 inet n - n - - smtpd",
		"10587 inet n - n - - smtpd -o smtpd_sasl_auth_enable=yes -o smtpd_recipient_restrictions=$submission_recipient_restrictions -o smtpd_sender_login_maps=ldap:/etc/postfix/ldap.ucs-harden-logins",
		"10588 inet n - n - - smtpd -o smtpd_recipient_restrictions=permit_mynetworks,reject_unauth_destination",
		"127.0.0.1:10025 inet n - n - - smtpd -o smtpd_recipient_restrictions=permit_mynetworks,reject")
	c.Harden(t, "apply --mode enforce --no-evidence --yes", 1)
	found := c.findings(t, "plan --mode enforce")
	require.Contains(t, found, "own-list:2525")
	assert.Equal(t, plan.Error, found["own-list:2525"].Severity)
	assert.Contains(t, found["own-list:2525"].Hint, "ucr unset "+options+"smtp/smtpd_recipient_restrictions")
	assert.Contains(t, found, "uncovered:10588")
	assert.Len(t, found, 2, "where a content filter gives mail back, no stranger comes in: %v", found)

	c.UCR(t, "unset", options+"smtp/smtpd_recipient_restrictions")
	c.ReloadPostfix(t)
	c.Harden(t, "apply --mode enforce --no-evidence --yes")
	rehearsed := c.Harden(t, "rehearse --mode warn --json", 0, 2)
	for _, port := range []string{"2525", "2526", "10587"} {
		assert.Contains(t, rehearsed, `"access": "port `+port)
	}
	assert.NotContains(t, rehearsed, "port 10025")
	for _, port := range []int{2525, 2526} {
		assert.Equal(t, 554, c.answer(t, "outside", port, "", "boss@company.my", "employee@company.my"), "forged, on %d", port)
		assert.Equal(t, 250, c.answer(t, "outside", port, "", "me@foreign.example", "employee@company.my"), "on %d", port)
		assert.Contains(t, []int{454, 554}, c.answer(t, "outside", port, "", "me@foreign.example", "you@foreign.example"), "relay on %d", port)
		checked := c.Harden(t, fmt.Sprintf("check --client 203.0.113.66 --port %d --from boss@company.my --to employee@company.my", port), 2)
		assert.Contains(t, checked, fmt.Sprintf("on port %d", port))
	}
	assert.Equal(t, 250, c.answer(t, "inside", 10587, "employee", "employee@company.my", "clerk@company.local"))
	assert.Equal(t, 553, c.answer(t, "inside", 10587, "employee", "boss@company.my", "clerk@company.local"))
	assert.Equal(t, 554, c.answer(t, "outside", 10587, "", "me@foreign.example", "clerk@company.local"))
}

// The check of a login stands in the list that 25, 465 and 587 share. smtpd complains of a restriction that needs AUTH
// on every connection without it.
func TestNoComplaintsAboutAUTH(t *testing.T) {
	c := newCompany(t)
	begin := len(c.MailLog())
	c.UCR(t, "set", "mail/harden/local-only/account/x/account=employee", "mail/harden/protected/list/x/address=clerk@company.local",
		"mail/harden/protected/list/x/variant=senders", "mail/harden/protected/list/x/senders=company.my")
	for _, modes := range []string{
		"suspended=warn local-only=warn", "suspended=enforce local-only=enforce", "suspended=enforce local-only=warn protected=enforce",
		"suspended=enforce submission=warn protected=enforce", "suspended=warn local-only=enforce submission=enforce protected=warn",
	} {
		arguments := []string{"set"}
		for _, control := range []string{"suspended", "local-only", "submission", "protected"} {
			arguments = append(arguments, "mail/harden/"+control+"/mode=off")
		}
		for _, mode := range strings.Fields(modes) {
			control, mode, _ := strings.Cut(mode, "=")
			arguments = append(arguments, "mail/harden/"+control+"/mode="+mode)
		}
		c.UCR(t, arguments...)
		c.Harden(t, "sync --no-evidence")
		for _, from := range []string{"me@foreign.example", "boss@company.my", "leaver@company.my"} {
			for _, to := range []string{"employee@company.my", "clerk@company.local"} {
				c.answer(t, "outside", 25, "", from, to)
			}
		}
		want := map[bool]int{true: 554, false: 250}
		assert.Equal(t, want[strings.Contains(modes, "suspended=enforce")],
			c.answer(t, "inside", 587, "leaver", "leaver@company.my", "employee@company.my"), modes)
		if !strings.Contains(modes, "submission") {
			assert.Equal(t, want[strings.Contains(modes, "suspended=enforce")],
				c.answer(t, "inside", 465, "leaver", "boss@company.my", "employee@company.my"), "by login: %s", modes)
			assert.Equal(t, want[strings.Contains(modes, "local-only=enforce")],
				c.answer(t, "inside", 587, "employee", "boss@company.my", "you@foreign.example"), "by login: %s", modes)
		}
	}
	c.LogSince(t, begin)
	assert.NotContains(t, c.MailLog()[begin:], "no SASL support")
}
