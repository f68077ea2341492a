package verdicts_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ucs-harden/plan"
	"ucs-harden/tests/lab"
	"ucs-harden/tests/lab/smtpclient"
)

const (
	senderTable    = "/etc/postfix/check_custom_sender_access"
	submissionList = "mail/postfix/submission/restrictions/recipient/"
)

// byHand follows the published procedure. The REJECT lines are appended below the WARN lines, as happens when somebody
// follows the procedure a second time.
func (c company) byHand(t *testing.T) {
	t.Helper()
	table := ""
	for _, action := range []string{"WARN *** Invalid Inbound Sender ***", "REJECT Delivery not authorized, message refused"} {
		for _, domain := range []string{"company.my", "company.local"} {
			table += domain + "\t" + action + "\n." + domain + "\t" + action + "\n"
		}
	}
	require.NoError(t, c.Mail().WriteFile(senderTable, []byte(table), 0o640))
	result, err := c.Mail().Run(t.Context(), "postmap", "hash:"+senderTable)
	require.NoError(t, err)
	require.Zero(t, result.Code, result.Stderr)
	require.Contains(t, result.Stderr, "duplicate entry", "postmap warns, exits 0 and keeps the first")

	arguments := []string{"set", mainList + "55=" + handMade}
	for key, text := range map[string]string{
		"10": "reject_sender_login_mismatch", "20": "reject_unknown_recipient_domain", "30": "permit_sasl_authenticated", "99": "reject",
	} {
		arguments = append(arguments, submissionList+key+"="+text)
	}
	for service, tls := range map[string]string{"smtps": "smtpd_tls_wrappermode=yes", "submission": "smtpd_tls_security_level=encrypt"} {
		for _, option := range []string{
			tls, "smtpd_sasl_auth_enable=yes", "smtpd_recipient_restrictions=$submission_recipient_restrictions",
			"smtpd_sender_login_maps=ldap:/etc/postfix/ldap.saslusermapping", "syslog_name=postfix/" + service,
		} {
			arguments = append(arguments, "mail/postfix/mastercf/options/"+service+"/"+option)
		}
	}
	c.UCR(t, arguments...)
	c.ReloadPostfix(t)
}

func TestAServerSetUpByHandIsAdopted(t *testing.T) {
	c := newCompany(t)
	c.byHand(t)
	untouched := c.Snapshot(t)
	c.expect(t, "by hand", 0)

	var shown plan.Plan
	require.NoError(t, json.Unmarshal([]byte(c.Harden(t, "plan --mode enforce --json", 2)), &shown))
	var changes []string
	for _, v := range shown.Variables {
		changes = append(changes, v.Key)
	}
	// The procedure wrote what we want, except the exempt clients, the map, which does not know a uid, and the quota check, which is
	// missing.
	assert.ElementsMatch(t, []string{
		mainList + "55", mainList + "05-ucs-harden-1-suspended", submissionList + "05-ucs-harden-1-suspended", "mail/harden/mode", "mail/postfix/mynetworks", submissionList + "99",
		"mail/postfix/mastercf/options/smtps/smtpd_sender_login_maps", "mail/postfix/mastercf/options/submission/smtpd_sender_login_maps",
	}, changes)
	require.Len(t, shown.Findings, 1, "the published procedure is nothing to complain about; but it only warns")
	assert.Equal(t, "no-evidence:sender-spoofing", shown.Findings[0].ID)

	c.Harden(t, "apply --mode enforce --no-evidence --yes")
	assert.Equal(t, []string{
		leaverChecks[1], "permit_mynetworks", "permit_sasl_authenticated", "reject_unauth_destination", ourCheck, "reject_unlisted_recipient",
		"check_policy_service inet:127.0.0.1:12340",
	}, c.List(t, "smtpd_recipient_restrictions"), "one check")
	source, err := c.Mail().ReadFile(senderTable)
	require.NoError(t, err)
	assert.NotContains(t, string(source), "WARN", "its lines are ours now")
	c.expect(t, "adopted", 1)
	c.Harden(t, "plan --mode enforce") // there is nothing more to do

	c.Harden(t, "rollback")
	assert.Empty(t, untouched.Diff(c.Snapshot(t)), "what the rollback left")
	c.expect(t, "by hand again", 0)
}

// letters are messages with the expected reply codes: after a set-up by hand, and after it was adopted in mode enforce.
var letters = []struct {
	what, host         string
	port               int
	login, sender      string
	codes              [2]int
	byHand, afterwards string
}{
	{"a stranger as himself", "outside", 25, "", "me@foreign.example", [2]int{250, 250}, "Ok", "Ok"},
	{"a stranger as the boss: of WARN and REJECT for one key the first wins", "outside", 25, "", "boss@company.my", [2]int{250, 554}, "Ok", "Delivery not authorized"},
	{"a sub-domain", "outside", 25, "", "it@help.company.my", [2]int{250, 554}, "Ok", "Delivery not authorized"},
	{"login by mail address", "inside", 587, "employee@company.my", "employee@company.my", [2]int{250, 250}, "Ok", "Ok"},
	{"an alternative address", "inside", 587, "employee@company.my", "e.mployee@company.my", [2]int{250, 250}, "Ok", "Ok"},
	{"login by uid: the stock map knows no uid", "inside", 587, "employee", "employee@company.my", [2]int{553, 250}, "not owned by user employee", "Ok"},
	{"the same on 465", "inside", 465, "employee", "employee@company.my", [2]int{553, 250}, "not owned by user employee", "Ok"},
	{"as the boss", "inside", 587, "employee@company.my", "boss@company.my", [2]int{553, 553}, "not owned by user employee@company.my", "not owned by user employee@company.my"},
	{"no login, on 465", "outside", 465, "", "boss@company.my", [2]int{553, 553}, "not logged in", "not logged in"},
	{"no login", "inside", 587, "", "me@foreign.example", [2]int{554, 554}, "Access denied", "Access denied"},
}

// expect plays the letters on new connections. column selects the expected codes.
func (c company) expect(t *testing.T, phase string, column int) {
	t.Helper()
	tls := map[int]string{465: smtpclient.Implicit, 587: smtpclient.StartTLS}
	for _, l := range letters {
		d := smtpclient.Dialogue{Server: lab.MailServer(l.host), Port: l.port, TLS: tls[l.port], Login: l.login, MailFrom: l.sender, RcptTo: []string{"clerk@company.local"}}
		if l.login != "" {
			d.Password = lab.Users["employee"].Password
		}
		client := c.SMTP(t, l.host)
		answer, err := client.Play(t.Context(), d)
		require.NoError(t, err)
		client.Close()
		assert.Equal(t, l.codes[column], answer.Verdict(0).Code, "%s: %s: %s", phase, l.what, answer.Verdict(0))
		assert.Contains(t, answer.Verdict(0).Text, []string{l.byHand, l.afterwards}[column], "%s: %s", phase, l.what)
	}
}
