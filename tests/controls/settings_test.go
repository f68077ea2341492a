package controls_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ucs-harden/plan"
	"ucs-harden/tests/lab"
	"ucs-harden/tests/lab/smtpclient"
	"ucs-harden/tests/verdicts/table"
)

// letter is one of a few messages that try a set-up for which a table would be too much. It goes to 587 with a login,
// and to 25 without.
type letter struct {
	what, host, login, from, to string
	code                        int
	says                        string
}

// send plays letters on new connections and returns the replies.
func send(t *testing.T, c table.Company, phase string, letters []letter) []smtpclient.Reply {
	t.Helper()
	var replies []smtpclient.Reply
	clients := map[string]*smtpclient.Client{}
	for i, l := range letters {
		if clients[l.host] == nil {
			client, err := c.NewSMTP(l.host)
			require.NoError(t, err)
			defer client.Close()
			clients[l.host] = client
		}
		d := smtpclient.Dialogue{Server: lab.MailServer(l.host), Port: 25, Helo: phase + "-" + string(rune('a'+i)), MailFrom: l.from, RcptTo: []string{l.to}}
		if l.login != "" {
			d.Port, d.TLS, d.Login, d.Password = 587, smtpclient.StartTLS, l.login, lab.Users[l.login].Password
		}
		answer, err := clients[l.host].Play(context.WithoutCancel(t.Context()), d)
		require.NoError(t, err)
		replies = append(replies, answer.Verdict(0))
	}
	return replies
}

// expect fails the test for each letter with another reply than expected.
func expect(t *testing.T, c table.Company, phase string, letters []letter) {
	t.Helper()
	for i, reply := range send(t, c, phase, letters) {
		l := letters[i]
		assert.Equal(t, l.code, reply.Code, "%s: %s: %s", phase, l.what, reply)
		assert.Contains(t, reply.Text, l.says, "%s: %s", phase, l.what)
	}
}

const (
	inside   = "The recipient takes mail from inside only #ucs-harden:protected"
	bound    = "This account may only write to addresses inside the organization #ucs-harden:local-only"
	stranger = "me@foreign.example"
)

// TestSettingsAndMarks has an account that may write to nobody, protects all mailing lists but one, and changes marks
// in the directory, which count from the next sync on.
func TestSettingsAndMarks(t *testing.T) {
	t.Parallel()
	c := table.NewCompany(t)
	put(t, c, set{
		"mail/harden/suspended/mode":  "enforce",
		"mail/harden/local-only/mode": "enforce", "mail/harden/local-only/account/intern/account": "intern", "mail/harden/local-only/hosted-domains": "false",
		"mail/harden/protected/mode": "enforce", "mail/harden/protected/all": "yes", "mail/harden/protected/except": "Office@company.my",
	})
	var shown plan.Plan
	require.NoError(t, json.Unmarshal([]byte(c.Harden(t, "plan --json", 2)), &shown))
	var finding plan.Finding
	for _, f := range shown.Findings {
		if f.ID == "no-destinations" {
			finding = f
		}
	}
	assert.Equal(t, plan.Warning, finding.Severity)
	assert.Contains(t, finding.Text, "nobody, not even to themselves")

	c.Harden(t, "apply --yes --no-evidence")
	nobody := []letter{
		{"to himself", "mail", "", "intern@company.my", "intern@company.my", 554, bound},
		{"to a colleague, logged in", "outside", "intern", "intern@company.my", "boss@company.my", 554, bound},
		{"to elsewhere, as nobody", "outside", "intern", "", "you@foreign.example", 554, bound},
		{"to postmaster", "mail", "", "intern@company.my", "postmaster", 250, "Ok"},
		{"to him", "outside", "", stranger, "intern@company.my", 250, "Ok"},
	}
	lists := []letter{
		{"a mailing list", "outside", "", stranger, "staff@company.my", 554, inside},
		{"a mailing list, from inside", "mail", "", stranger, "staff@company.my", 250, "Ok"},
		{"a mailing list, logged in", "outside", "employee", "employee@company.my", "staff@company.my", 250, "Ok"},
		{"a group that is excepted", "outside", "", stranger, "office@company.my", 250, "Ok"},
		{"a user", "outside", "", stranger, "boss@company.my", 250, "Ok"},
	}
	expect(t, c, "set", append(nobody, lists...))

	before := []letter{
		{"marked", "mail", "", "l.eaver@company.my", "boss@company.my", 554, "This account may not send mail: contract ended #ucs-harden:suspended"},
		{"not marked", "outside", "employee", "employee@company.my", "boss@company.my", 250, "Ok"},
		{"no list yet", "outside", "", stranger, "team@company.my", 550, "User unknown in virtual mailbox table"},
	}
	expect(t, c, "before", before)
	c.ChangeDirectory(t, `
dn: uid=leaver,cn=users,dc=company,dc=my
changetype: modify
replace: ucsHardenSuspended
ucsHardenSuspended: FALSE

dn: uid=employee,cn=users,dc=company,dc=my
changetype: modify
add: objectClass
objectClass: ucsHardenMail
-
add: ucsHardenSuspended
ucsHardenSuspended: TRUE

dn: cn=team,cn=mailinglists,cn=mail,dc=company,dc=my
changetype: add
objectClass: univentionMailList
cn: team
mailPrimaryAddress: team@company.my
univentionMailHomeServer: mail.company.my
univentionMailMember: boss@company.my
`)
	before[2].code, before[2].says = 250, "Ok"
	expect(t, c, "changed", before) // the state of the directory at the last sync counts
	c.Harden(t, "sync --no-evidence")
	expect(t, c, "synced", []letter{
		{"no longer marked", "mail", "", "l.eaver@company.my", "boss@company.my", 250, "Ok"},
		{"marked, without a reason", "outside", "employee", "employee@company.my", "boss@company.my", 554, "This account may not send mail #ucs-harden:suspended"},
		{"he still receives", "outside", "", stranger, "employee@company.my", 250, "Ok"},
		{"a new list", "outside", "", stranger, "team@company.my", 554, inside},
	})
}

// strict is a listfilter that lets only boss write to staff and office; the listfilter of UCS can be set up like this.
const strict = `#!/usr/bin/python3 -IS
import sys
asked = {}
for line in sys.stdin:
    key, _, value = line.rstrip("\n").partition("=")
    if key:
        asked[key] = value.lower()
        continue
    list = asked.get("recipient") in ("staff@company.my", "office@company.my")
    print("action=" + ("REJECT the listfilter says no" if list and asked.get("sender") != "boss@company.my" else "DUNNO") + "\n", flush=True)
    asked = {}
`

func TestTheListfilterHasItsSayAsBefore(t *testing.T) {
	t.Parallel()
	c := table.NewCompany(t)
	require.NoError(t, c.Mail().WriteFile("/usr/share/univention-mail-postfix/listfilter.py", []byte(strict), 0o755))
	s := scenes["protected"]
	put(t, c, s.set)
	put(t, c, set{"mail/postfix/policy/listfilter": "true", "mail/harden/protected/list/office/senders": "friend@foreign.example company.my"})
	c.ReloadPostfix(t)
	no := "the listfilter says no"
	filtered := []letter{
		{"a stranger", "outside", "", stranger, "staff@company.my", 554, no},
		{"one of its senders", "outside", "", "friend@foreign.example", "office@company.my", 554, no},
		{"one of its senders, from webmail", "mail", "", "friend@foreign.example", "office@company.my", 554, no},
		{"one of its senders, logged in", "outside", "employee", "employee@company.my", "office@company.my", 554, no},
		{"logged in", "outside", "employee", "employee@company.my", "staff@company.my", 554, no},
		{"in the networks", "inside", "", "employee@company.my", "staff@company.my", 554, no},
	}
	passes := []letter{
		{"the listfilter lets him", "outside", "boss", "boss@company.my", "office@company.my", 250, "Ok"},
		{"the same to staff", "outside", "boss", "boss@company.my", "staff@company.my", 250, "Ok"},
		{"the same from webmail", "mail", "", "boss@company.my", "staff@company.my", 250, "Ok"},
	}
	forged := letter{"a forged sender that the listfilter lets pass", "outside", "", "boss@company.my", "staff@company.my", 250, "Ok"}
	expect(t, c, "off", append(append(filtered, passes...), forged))
	for _, phase := range []struct {
		name, mode string
		variables  []string
		forged     string
	}{
		{"beside-in-warn", "warn", append([]string{s.mode}, spine...), "Ok"},
		{"beside", "enforce", append([]string{s.mode}, spine...), "#ucs-harden:sender-spoofing"},
		{"alone", "off", spine, inside},
	} {
		modes(t, c, phase.mode, phase.variables...)
		c.Harden(t, "apply --yes --no-evidence")
		forged.says = phase.forged
		if !strings.HasPrefix(forged.says, "Ok") {
			forged.code = 554
		}
		expect(t, c, phase.name, append(append(filtered, passes...), forged))
	}
}
