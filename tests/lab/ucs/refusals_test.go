package ucs_test

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ucs-harden/tests/lab"
	"ucs-harden/tests/lab/smtpclient"
)

// check is the check of suspended accounts as it stands in the recipient list.
func check(restriction, table string) string {
	return restriction + " pipemap:{ldap:/etc/postfix/" + table + ",regexp:/etc/postfix/ucs-harden/suspended-answer}"
}

func (c company) try(t *testing.T, d smtpclient.Dialogue) smtpclient.Reply {
	t.Helper()
	d.Server = lab.MailServer("inside")
	d.RcptTo = []string{"employee@company.my"}
	if d.Port = 25; d.Login != "" {
		d.Port, d.TLS, d.Password = 587, smtpclient.StartTLS, lab.Users[strings.ToLower(d.Login)].Password
	}
	a, err := c.SMTP(t, "inside").Play(t.Context(), d)
	require.NoError(t, err)
	return a.Verdict(0)
}

func TestRefusals(t *testing.T) {
	c := newCompany(t, lab.Rsyslog, lab.Dovecot, lab.Postfix)
	included := "smtpd_restriction_classes = ucs_harden_local_only\nucs_harden_local_only = check_recipient_access inline:{{employee@company.my=REJECT 5.7.1 local #ucs-harden:local-only}}\n"
	require.NoError(t, c.Mail().WriteFile("/etc/postfix/ucs-harden/main.cf", []byte(included), 0o644))
	c.UCR(t, "set", "mail/harden/local-only/account/a/group=restricted", "mail/harden/local-only/account/b/group=restricted",
		list+"="+check("check_sasl_access", suspendedLogins)+", "+check("check_sender_access", suspended)+
			", check_sasl_access ldap:/etc/postfix/"+localOnlyLogins+", check_sender_access ldap:/etc/postfix/"+localOnly)
	c.UCR(t, "commit", "/etc/postfix/main.cf")
	c.ReloadPostfix(t)

	const refused = "554 5.7.1 <%s>: %s rejected: This account may not send mail: contract ended #ucs-harden:suspended"
	for sentence, test := range map[string]struct {
		dialogue smtpclient.Dialogue
		want     string
	}{
		"by sender":                       {smtpclient.Dialogue{MailFrom: "leaver@company.my"}, fmt.Sprintf(refused, "leaver@company.my", "Sender address")},
		"by alternative address":          {smtpclient.Dialogue{MailFrom: "L.eaver@Company.my"}, fmt.Sprintf(refused, "L.eaver@Company.my", "Sender address")},
		"by login, with another sender":   {smtpclient.Dialogue{MailFrom: "you@foreign.example", Login: "leaver"}, fmt.Sprintf(refused, "leaver", "SASL login name")},
		"by login in capitals":            {smtpclient.Dialogue{MailFrom: "", Login: "LEAVER"}, fmt.Sprintf(refused, "leaver", "SASL login name")},
		"others":                          {smtpclient.Dialogue{MailFrom: "boss@company.my", Login: "boss"}, "250 2.1.5 Ok"},
		"a bounce":                        {smtpclient.Dialogue{MailFrom: ""}, "250 2.1.5 Ok"},
		"from elsewhere":                  {smtpclient.Dialogue{MailFrom: "you@foreign.example"}, "250 2.1.5 Ok"},
		"a member of the group":           {smtpclient.Dialogue{MailFrom: "in.tern@company.my"}, "554 5.7.1 <employee@company.my>: Recipient address rejected: local #ucs-harden:local-only"},
		"a member of the group, by login": {smtpclient.Dialogue{MailFrom: "boss@company.my", Login: "intern"}, "554 5.7.1 <employee@company.my>: Recipient address rejected: local #ucs-harden:local-only"},
	} {
		t.Run(sentence, func(t *testing.T) {
			assert.Equal(t, test.want, c.try(t, test.dialogue).String())
		})
	}
	t.Run("reasons", func(t *testing.T) { testReasons(t, c) })
	c.modify(t, "leaver", "replace: ucsHardenSuspendedReason\nucsHardenSuspendedReason: contract ended")
	t.Run("two accounts with one address", func(t *testing.T) { testSharedAddress(t, c) })
	t.Run("while LDAP is down, mail is put off, and taken again soon after", func(t *testing.T) {
		require.NoError(t, c.Stop(t.Context(), lab.Slapd))
		assert.Equal(t, 451, c.try(t, smtpclient.Dialogue{MailFrom: "boss@company.my"}).Code)
		require.NoError(t, c.Start(t.Context(), lab.Slapd))
		back := time.Now()
		c.WaitFor(t, "mail to be taken again", func() bool { return c.try(t, smtpclient.Dialogue{MailFrom: "boss@company.my"}).Code == 250 })
		assert.Less(t, time.Since(back), 5*time.Second)
	})
}

// The directory gives two answers then, and Postfix joins them by a comma.
func testSharedAddress(t *testing.T, c company) {
	for _, uid := range []string{"intern", "clerk", "leaver"} {
		c.modify(t, uid, "add: mailAlternativeAddress\nmailAlternativeAddress: shared@company.my")
	}
	shared := smtpclient.Dialogue{MailFrom: "shared@company.my"}
	assert.Equal(t, "554 5.7.1 <shared@company.my>: Sender address rejected: This account may not send mail: contract ended #ucs-harden:suspended", c.try(t, shared).String())

	c.modify(t, "clerk", "add: objectClass\nobjectClass: ucsHardenMail\n-\nadd: ucsHardenSuspended\nucsHardenSuspended: TRUE")
	got := c.try(t, shared).String()
	assert.Regexp(t, `^554 5\.7\.1 <shared@company\.my>: Sender address rejected: This account may not send mail: (clerk|contract ended) #ucs-harden:suspended$`, got)

	c.modify(t, "leaver", "delete: mailAlternativeAddress\nmailAlternativeAddress: shared@company.my")
	c.modify(t, "clerk", "delete: ucsHardenSuspended")
	assert.Equal(t, "554 5.7.1 <employee@company.my>: Recipient address rejected: local #ucs-harden:local-only", c.try(t, shared).String(), "a class that is named twice")
}

// A reason in the directory must stay harmless in the reply and in the log: it cannot begin a line, change the verdict,
// or push the tag out of the reply.
func testReasons(t *testing.T, c company) {
	for name, r := range map[string]struct{ reason, want string }{
		"plain":                                  {"contract ended", "contract ended"},
		"a comma and a number sign":              {"see ticket #4711, please", "see ticket #4711, please"},
		"text that Postfix would expand":         {"100% %s %u $mydomain ${myhostname} $1 @!@", "100% %s %u $mydomain ${myhostname} $1 @!@"},
		"an enhanced status code in the reason":  {"4.2.1 try later", "4.2.1 try later"},
		"an action":                              {"OK", "OK"},
		"a line break and a reply":               {"one\r\n250 2.1.5 Ok", "one..."},
		"control characters":                     {"bell\a, tab\t", "bell..."},
		"letters of other alphabets":             {"Vertrag gek\u00fcndigt", "Vertrag gek..."},
		"nothing but letters of other alphabets": {"\u00fc", ""},
		"very long":                              {strings.Repeat("0123456789", 500), strings.Repeat("0123456789", 20)[:198] + "..."},
		"our tag, and more":                      {"x #ucs-harden:suspended,REJECT 4.2.1 y", "x #ucs-harden:suspended"},
	} {
		t.Run(name, func(t *testing.T) {
			c.modify(t, "leaver", "replace: ucsHardenSuspendedReason\nucsHardenSuspendedReason:: "+base64.StdEncoding.EncodeToString([]byte(r.reason)))
			before := len(c.MailLog())
			got := c.try(t, smtpclient.Dialogue{MailFrom: "leaver@company.my"})
			want := "554 5.7.1 <leaver@company.my>: Sender address rejected: This account may not send mail"
			if reason := strings.TrimSuffix(r.want, " #ucs-harden:suspended"); reason != "" {
				want += ": " + reason
			}
			want += " #ucs-harden:suspended"
			assert.Equal(t, want, got.String())
			logged := "NOQUEUE: reject: RCPT from inside.company.my[10.99.1.50]: " + want + "; from=<leaver@company.my> to=<employee@company.my> proto=ESMTP helo=<inside.company.my>\n"
			c.WaitFor(t, "the refusal in the log", func() bool { return strings.Contains(c.MailLog()[before:], logged) })
		})
	}
}
