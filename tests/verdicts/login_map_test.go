package verdicts_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ucs-harden/tests/lab"
	"ucs-harden/tests/lab/smtpclient"
)

// submitted are messages that somebody hands in, up to the reply after the final dot.
var submitted = []struct {
	what, host    string
	port          int
	login, sender string
}{
	{"boss as himself", "inside", 587, "boss", "boss@company.my"},
	{"boss as employee", "inside", 587, "boss", "employee@company.my"},
	{"employee as office", "inside", 587, "employee", "office@company.my"},
	{"clerk as himself", "inside", 587, "clerk", "clerk@company.local"},
	{"nobody as employee", "mail", 587, "", "employee@company.my"},
	{"nobody as a foreigner", "mail", 587, "", "me@foreign.example"},
	{"nobody as employee, port 25", "mail", 25, "", "employee@company.my"},
}

// hisOwners is a login map of an administrator. The directory knows nobody with the address of the office.
const hisOwners = "employee@company.my employee\nboss@company.my boss\noffice@company.my employee,boss\n"

const hisMap = "smtpd_sender_login_maps = hash:/etc/postfix/sender_logins"

// enforced are the refusals of mode enforce by the directory's owners.
var enforced = map[string]int{"boss as employee": 553, "employee as office": 553, "nobody as employee": 553, "nobody as a foreigner": 554}

// everyLogin are the refusals of reject_sender_login_mismatch without a map.
var everyLogin = map[string]int{"boss as himself": 553, "boss as employee": 553, "employee as office": 553, "clerk as himself": 553}

// loginMapCases are administrators who use login maps, written from postconf(5). before are the refusals of today, which
// mode warn must not change. Without a map no sender has an owner: a mismatch for known addresses, or without login, is
// never found, and the other two refuse everybody who logs in. A restriction on port 25 does nothing without AUTH. enforce are those of mode enforce; nil when enforce must stop, and stops is what it says then: a verdict of the
// administrator would change, or mail to postmaster without a login would be refused. Postfix asks the lists of DATA and
// of the end of DATA for postmaster, too, unlike those of RCPT. A mismatch there begins to refuse with our map.
var loginMapCases = []struct {
	administrator   string
	main, registry  []string
	before, enforce map[string]int
	finding         string // of the plan for warn
	stops           string
}{
	{
		administrator: "nothing of his own", enforce: enforced,
	},
	{
		administrator: "a map, and a mismatch in the sender restrictions",
		main:          []string{hisMap, "smtpd_sender_restrictions = reject_authenticated_sender_login_mismatch"},
		before:        map[string]int{"boss as employee": 553, "clerk as himself": 553},
		finding:       "own-login-map:submission", stops: "kept-login-map:submission",
	},
	{
		administrator: "a mismatch at DATA, and no map",
		main:          []string{"smtpd_data_restrictions = reject_known_sender_login_mismatch"},
		finding:       "no-login-map:submission", stops: postmasterRefused,
	},
	{
		administrator: "a mismatch without login at the end of DATA, and no map",
		main:          []string{"smtpd_end_of_data_restrictions = reject_unauthenticated_sender_login_mismatch"},
		finding:       "no-login-map:submission", stops: postmasterRefused,
	},
	{
		// A later smtpd_restriction_classes has to name ours, too, or nothing is applied.
		administrator: "a mismatch in a class, and no map",
		main:          []string{"smtpd_restriction_classes = his, $ucs_harden_classes", "his = reject_sender_login_mismatch", "smtpd_client_restrictions = his"},
		before:        everyLogin, finding: "no-login-map:submission", stops: "awakened:smtps",
	},
	{
		administrator: "a mismatch as the result of a table, and no map",
		main:          []string{"smtpd_sender_restrictions = check_client_access hash:/etc/postfix/his_clients"},
		before:        everyLogin, finding: "no-login-map:submission", stops: "awakened:smtps",
	},
	{
		administrator: "a map on 587 only, and a mismatch for known addresses at DATA",
		main:          []string{"smtpd_data_restrictions = reject_known_sender_login_mismatch"},
		registry:      []string{"mail/postfix/mastercf/options/submission/smtpd_sender_login_maps=hash:/etc/postfix/sender_logins"},
		before:        map[string]int{"boss as employee": 553, "nobody as employee": 553},
		finding:       "own-login-map:submission", stops: postmasterRefused, // on 465, which has no map today
	},
}

const postmasterRefused = "mail to postmaster is never asked about (RFC 5321, 4.5.1)"

func TestLoginMapsOfTheAdministrator(t *testing.T) {
	c := newCompany(t)
	for path, content := range map[string]string{
		"sender_logins": hisOwners, "his_clients": "127.0.0.1 reject_unauthenticated_sender_login_mismatch\n10.99.1.50 reject_sender_login_mismatch\n",
	} {
		require.NoError(t, c.Mail().WriteFile("/etc/postfix/"+path, []byte(content), 0o644))
		result, err := c.Mail().Run(t.Context(), "postmap", "hash:/etc/postfix/"+path)
		require.NoError(t, err)
		require.Zero(t, result.Code, result.Stderr)
	}
	for _, tc := range loginMapCases {
		t.Run(tc.administrator, func(t *testing.T) {
			require.NoError(t, c.Mail().WriteFile("/etc/postfix/main.cf.local", []byte(strings.Join(tc.main, "\n")+"\n"), 0o644))
			for _, variable := range tc.registry {
				c.UCR(t, "set", variable)
			}
			c.UCR(t, "commit", "/etc/postfix/main.cf")
			c.ReloadPostfix(t)
			untouched := c.Snapshot(t)
			c.submit(t, "before", tc.before)

			assert.Contains(t, c.Harden(t, "apply --mode warn --yes"), tc.finding)
			c.submit(t, "warn", tc.before)
			if tc.enforce == nil {
				assert.Contains(t, c.Harden(t, "apply --mode enforce --no-evidence --yes", 1), tc.stops)
				c.submit(t, "no enforce", tc.before)
			} else {
				c.Harden(t, "apply --mode enforce --no-evidence --yes")
				c.submit(t, "enforce", tc.enforce)
				c.Harden(t, "rollback")
			}
			c.Harden(t, "rollback")
			assert.Empty(t, untouched.Diff(c.Snapshot(t)), "what the rollback left")
			c.submit(t, "rolled back", tc.before)
			for _, variable := range tc.registry {
				variable, _, _ = strings.Cut(variable, "=")
				c.UCR(t, "unset", variable)
			}
		})
	}
}

// submit hands in each message, on connections that begin in this phase. refused are those that must be refused, with the reply code.
func (c company) submit(t *testing.T, phase string, refused map[string]int) {
	t.Helper()
	clients := map[string]*smtpclient.Client{}
	for _, host := range []string{"inside", "mail"} {
		clients[host] = c.SMTP(t, host)
		defer clients[host].Close()
	}
	for _, l := range submitted {
		d := smtpclient.Dialogue{
			Server: lab.MailServer(l.host), Port: l.port, Login: l.login, MailFrom: l.sender, RcptTo: []string{"clerk@company.local"},
			Data: "Subject: " + l.what + "\r\n\r\nText\r\n",
		}
		if l.port == 587 {
			d.TLS = smtpclient.StartTLS
		}
		if l.login != "" {
			d.Password = lab.Users[l.login].Password
		}
		answer, err := clients[l.host].Play(t.Context(), d)
		require.NoError(t, err)
		last := answer.Verdict(0)
		if last.OK() {
			last = answer.Data
		}
		want, ok := refused[l.what]
		if !ok {
			want = 250
		}
		assert.Equal(t, want, last.Code, "%s: %s: %s", phase, l.what, last)
	}
}
