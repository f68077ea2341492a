package controls_test

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ucs-harden/mailbox"
	"ucs-harden/tests/lab"
	"ucs-harden/tests/lab/smtpclient"
	"ucs-harden/tests/verdicts/table"
)

// odd are suspended accounts with names that are hard to put into a table or a filter. UDM lets all of them pass.
var odd = []struct{ uid, address string }{
	{"müller", "m.mueller@company.my"},
	{"MÜSSIG", "mussig@company.my"},
	{"max mustermann", "maxm@company.my"},
	{"quoted", `"quoted one"@company.my`},
	{"o'brien", "o'brien@company.my"},
	{"sharp#1", "sharp#1@company.my"},
	{"#hash", "#hash@company.my"},
	{"plus", "a+b@company.my"},
	{"DOMAINADMIN", "DomAdmin@Company.MY"},
	{"paren(x)", "p(x)@company.my"},
	{"star*", "s*r@company.my"},
	{`back\slash`, "back@company.my"},
	{"comma,", "comma@company.my"},
}

// An account that is marked is stopped, by each name that it can log in with and without a login; or a finding names it
// and says that it is not. That holds for the tables of a sync and for live lookups.
func TestAnOddNameIsStoppedOrNamed(t *testing.T) {
	t.Parallel()
	c := table.NewCompany(t)
	// By default Dovecot takes no odd characters in a login, and puts off a client that fails again and again.
	dovecot, err := c.Mail().ReadFile("/etc/dovecot/dovecot.conf")
	require.NoError(t, err)
	more := "auth_username_chars =\nservice anvil {\n  unix_listener anvil-auth-penalty {\n    mode = 0\n  }\n}\n"
	require.NoError(t, c.Mail().WriteFile("/etc/dovecot/dovecot.conf", append(dovecot, more...), 0o644))
	require.NoError(t, c.Restart(t.Context(), lab.Dovecot))
	for i, o := range odd {
		c.ChangeDirectory(t, oddEntry(i, o.uid, o.address))
	}
	for _, lookup := range []string{"synced", "live"} {
		t.Run(lookup, func(t *testing.T) {
			c.UCR(t, "set", "mail/harden/suspended/lookup="+lookup)
			said := c.Harden(t, "apply --mode enforce --no-evidence --yes")
			c.ReloadPostfix(t)
			stopped := 0
			for _, o := range odd {
				unnamed := !strings.Contains(said, "the account "+o.uid+" ") && !strings.Contains(said, o.address)
				for _, l := range oddLetters(o.uid, o.address) {
					client := c.SMTP(t, l.host)
					answer, err := client.Play(t.Context(), l.Dialogue)
					client.Close()
					require.NoError(t, err)
					reply := answer.Verdict(0)
					switch {
					case !reply.OK():
						stopped++
					case unnamed:
						assert.Fail(t, "goes on sending", "%s %q <%s>: %s", l.host, l.Login, l.MailFrom, reply)
					}
				}
			}
			assert.Greater(t, stopped, 2*len(odd), "most of them are stopped")
		})
	}
}

type oddLetter struct {
	host string
	smtpclient.Dialogue
}

// oddLetters go to elsewhere: by both names on 587, and without login from the server itself.
func oddLetters(uid, address string) (all []oddLetter) {
	for _, login := range []string{uid, strings.ToUpper(uid), address} {
		all = append(all, oddLetter{"inside", smtpclient.Dialogue{
			Server: lab.MailServer("inside"), Port: 587, TLS: smtpclient.StartTLS, Login: login, Password: "lab-odd",
			MailFrom: "", RcptTo: []string{"you@foreign.example"},
		}})
	}
	return append(all, oddLetter{"mail", smtpclient.Dialogue{
		Server: lab.MailServer("mail"), Port: 25, MailFrom: mailbox.Quote(address), RcptTo: []string{"you@foreign.example"},
	}})
}

// oddEntry is the LDIF of an account that is marked as suspended.
func oddEntry(n int, uid, address string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "dn: cn=odd%d,cn=users,dc=company,dc=my\nchangetype: add\nobjectClass: inetOrgPerson\n"+
		"objectClass: univentionMail\nobjectClass: ucsHardenMail\nucsHardenSuspended: TRUE\ncn: odd%d\nsn: odd\n"+
		"univentionMailHomeServer: mail.company.my\nuserPassword: lab-odd\n", n, n)
	for attribute, text := range map[string]string{"uid": uid, "mailPrimaryAddress": address} {
		fmt.Fprintf(&b, "%s:: %s\n", attribute, base64.StdEncoding.EncodeToString([]byte(text)))
	}
	return b.String()
}
