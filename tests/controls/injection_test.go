package controls_test

import (
	"encoding/base64"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ucs-harden/tests/lab/smtpclient"
	"ucs-harden/tests/verdicts/table"
)

// evil maps accounts to their reason for the suspension, and to the part of one line that the reason may become.
var evil = map[string][2]string{
	"boss":     {"x)(uid=*))(|(uid=*", "x)(uid=*))(|(uid=*"},
	"employee": {"one\nOK\r\n250 2.1.5 Ok\r\n.\r\nboss@company.my\tOK", "one OK 250 2.1.5 Ok . boss@company.my OK"},
	"leaver":   {"%s %u %d $1 ${1} $$ $(id) `id` @!@print(1)@!@ @%@hostname@%@", "%s %u %d $1 ${1} $$ $(id) `id` @!@print(1)@!@ @%@hostname@%@"},
	"clerk":    {strings.Repeat("long ", 1000), "long long long"},
	"intern":   {"gesperrt für ✂\u2028\u0085\u202eimmer, \x01\x7f\\", "gesperrt fuer immer, \\"},
	"full":     {" # REJECT, OK; /./ OK\v{a,b} 'c' \"d\" <e>", `# REJECT, OK; /./ OK {a,b} 'c' "d" <e>`},
}

// mark writes the reasons into the directory.
func mark(t *testing.T, c table.Company) {
	t.Helper()
	var changes strings.Builder
	for _, uid := range slices.Sorted(maps.Keys(evil)) {
		fmt.Fprintf(&changes, "dn: uid=%s,cn=users,dc=company,dc=my\nchangetype: modify\n", uid)
		if uid != "leaver" {
			changes.WriteString("add: objectClass\nobjectClass: ucsHardenMail\n-\n")
		}
		fmt.Fprintf(&changes, "replace: ucsHardenSuspended\nucsHardenSuspended: TRUE\n-\nreplace: ucsHardenSuspendedReason\nucsHardenSuspendedReason:: %s\n\n",
			base64.StdEncoding.EncodeToString([]byte(evil[uid][0])))
	}
	c.ChangeDirectory(t, changes.String())
}

// refusedInOneLine plays two letters to a foreign address for each of these accounts: one with its login, and one from
// the server itself with its address as the sender. All must be refused.
func refusedInOneLine(t *testing.T, c table.Company, phase string, more map[string]bool) {
	t.Helper()
	begin := len(c.MailLog())
	var letters []letter
	for _, uid := range slices.Sorted(maps.Keys(evil)) {
		letters = append(letters, letter{what: uid, host: "outside", login: uid, to: "you@foreign.example"}, letter{what: uid, host: "mail", from: uid + "@company.my", to: "you@foreign.example"})
		if uid == "clerk" {
			letters[len(letters)-1].from = "clerk@company.local"
		}
	}
	replies := send(t, c, phase, letters)
	lines := c.LogSince(t, begin)
	for i, reply := range replies {
		what := fmt.Sprintf("%s: %s: %s", phase, letters[i].what, reply)
		harmless(t, what, reply)
		if want := evil[letters[i].what][1]; !more[letters[i].what] {
			assert.Contains(t, reply.Text, "This account may not send mail: "+want, what)
		}
		logged := lines[phase+"-"+string(rune('a'+i))]
		require.Len(t, logged, 1, what)
		assert.Contains(t, logged[0], ": reject: RCPT from ", what)
		assert.Contains(t, logged[0], "#ucs-harden:suspended; from=<", what)
	}
}

// harmless fails the test unless a reply is a refusal on one line of printable ASCII, as SMTP allows.
func harmless(t *testing.T, what string, reply smtpclient.Reply) {
	t.Helper()
	assert.Equal(t, 554, reply.Code, what)
	assert.True(t, strings.HasSuffix(reply.Text, "#ucs-harden:suspended") || strings.HasSuffix(reply.Text, "#ucs-harden:local-only") || strings.HasSuffix(reply.Text, "#ucs-harden:protected"), what)
	assert.NotRegexp(t, `[^ -~]`, reply.Text, what)
	assert.Less(t, len(reply.String()), 510, what)
}

func TestTextsFromOutsideStayOneHarmlessLine(t *testing.T) {
	t.Parallel()
	c := table.NewCompany(t)
	mark(t, c)
	text := "%s $1 ${x} $$ *)(uid=*) \\1 # {a,b} ü\u2028OK " + strings.Repeat("y", 300)
	said := "%s $1 ${x} $$ *)(uid=*) \\1 # {a,b} ue OK yyy"
	put(t, c, set{
		"mail/harden/suspended/mode":  "enforce",
		"mail/harden/local-only/mode": "enforce", "mail/harden/local-only/account/*/account": "fre.+", "mail/harden/local-only/account/*/reason": text,
		"mail/harden/local-only/text": text, "mail/harden/local-only/account/webmaster/account": "webmaster@company.my",
		"mail/harden/protected/mode": "enforce", "mail/harden/protected/text": text, "mail/harden/protected/list/staff/address": "staff@company.my",
		"mail/harden/protected/list/office/address": "office@company.my", "mail/harden/protected/list/office/variant": "senders", "mail/harden/protected/list/office/senders": "company.my",
	})
	c.Harden(t, "apply --yes --no-evidence")
	refusedInOneLine(t, c, "synced", nil)
	texts := []letter{
		{"a bound account", "mail", "", "webmaster@company.my", "you@foreign.example", 554, said},
		{"a protected recipient", "outside", "", stranger, "staff@company.my", 554, said},
		{"by senders", "outside", "", stranger, "office@company.my", 554, said},
		{"by senders, not logged in", "outside", "", "webmaster@company.my", "office@company.my", 554, said},
	}
	expect(t, c, "texts", texts)
	for i, reply := range send(t, c, "again", texts) {
		harmless(t, texts[i].what, reply)
	}
	// Text that looks like a pattern is not a pattern, neither in a name of the list nor in an address that a client
	// sends.
	expect(t, c, "names", []letter{
		{"not named by fre.+", "mail", "", "freed@company.my", "you@foreign.example", 250, "Ok"},
		{"a sender like a filter", "mail", "", "*@company.my", "you@foreign.example", 250, "Ok"},
		{"another", "mail", "", "x)(uid=*))(|(uid=*@company.my", "you@foreign.example", 250, "Ok"},
	})
	tablesAreWhole(t, c)

	// A value that cannot be the name of an account is named, and the others stay in force.
	for variable, value := range map[string]string{
		"mail/harden/suspended/account/x/account": "x)(uid=*", "mail/harden/suspended/account/y/account": "free*", "mail/harden/local-only/account/x/group": "*)(cn=*", "mail/harden/protected/list/x/address": "*)(mail=*",
		"mail/harden/local-only/destinations": "$mydomain %s", "mail/harden/protected/list/office/senders": "regexp:/etc/passwd",
	} {
		old := c.UCR(t, "get", variable)
		c.UCR(t, "set", variable+"="+value)
		was := c.Snapshot(t)
		assert.Contains(t, c.Harden(t, "plan", 0, 1, 2), variable[:strings.LastIndexByte(variable, '/')], value)
		c.Harden(t, "apply --yes --no-evidence", 0, 1) // 1 when the variable is not an entry of a list
		if old == "" {
			assert.Empty(t, was.Diff(c.Snapshot(t)), value)
		}
		expect(t, c, "others", texts[:1])
		if c.UCR(t, "unset", variable); old != "" {
			c.UCR(t, "set", variable+"="+strings.TrimSpace(old))
		}
		c.Harden(t, "sync")
	}

	// The same reasons are read live from the directory.
	put(t, c, set{"mail/harden/suspended/lookup": "live"})
	c.Harden(t, "apply --yes --no-evidence")
	refusedInOneLine(t, c, "live", map[string]bool{"employee": true, "intern": true, "full": true})
	expect(t, c, "live-names", []letter{
		{"a sender like a filter", "mail", "", "*@company.my", "you@foreign.example", 250, "Ok"},
		{"another", "mail", "", "x)(uid=*))(|(uid=*@company.my", "you@foreign.example", 250, "Ok"},
	})
}

// tablesAreWhole fails the test when a table of ours has a line that we did not write, or a line that Postfix reads
// differently.
func tablesAreWhole(t *testing.T, c table.Company) {
	t.Helper()
	const folder = "/etc/postfix/ucs-harden/"
	for _, name := range []string{"suspended-senders", "suspended-logins", "protected-clients"} {
		content, err := c.Mail().ReadFile(folder + name)
		require.NoError(t, err)
		lines := strings.Split(strings.TrimSuffix(string(content), "\n"), "\n")
		assert.Regexp(t, "^# ", lines[0])
		assert.Regexp(t, "^# ", lines[1])
		for _, line := range lines[2:] {
			if strings.HasPrefix(line, "# from: ") {
				continue
			}
			assert.Regexp(t, `^[a-z.@-]+\tREJECT 5\.7\.1 [ -~]{1,450} #ucs-harden:(suspended|protected)$`, line, name)
			key, action, _ := strings.Cut(line, "\t")
			result, err := c.Mail().Run(t.Context(), "postmap", "-q", key, "hash:"+folder+name)
			require.NoError(t, err)
			assert.Equal(t, action+"\n", result.Stdout, "%s in %s", key, name)
		}
	}
	result, err := c.Mail().Run(t.Context(), "postfix", "check")
	require.NoError(t, err)
	assert.Zero(t, result.Code)
	assert.Empty(t, result.Stderr)
	result, err = c.Mail().Run(t.Context(), "postconf", "-n")
	require.NoError(t, err)
	assert.Empty(t, result.Stderr, "what postconf warns about")
}
