package ucs_test

import (
	"context"
	"encoding/base64"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ucs-harden/tests/lab"
)

// The LDAP maps that the package ships, rendered by the replacement for UCR and read by the real Postfix from the real
// slapd.
const (
	suspended       = "ldap.ucs-harden-suspended"
	suspendedLogins = "ldap.ucs-harden-suspended-logins"
	localOnly       = "ldap.ucs-harden-local-only"
	localOnlyLogins = "ldap.ucs-harden-local-only-logins"

	ended = "REJECT 5.7.1 This account may not send mail: contract ended #ucs-harden:suspended"
	class = "ucs_harden_local_only"
	list  = "mail/postfix/smtpd/restrictions/recipient/05-maps"
)

var maps = []string{suspended, suspendedLogins, localOnly, localOnlyLogins}

// answers limits the answers of the map of suspended accounts, see testReasons: one refusal of at most 230 characters,
// printable ASCII.
const answers = `/^REJECT 5\.7\.1 This account may not send mail(: [ -"$-~]{1,198} #ucs-harden:suspended),REJECT / REJECT 5.7.1 This account may not send mail$1
/^REJECT 5\.7\.1 This account may not send mail(: [ -~]{1,198} #ucs-harden:suspended)$/ REJECT 5.7.1 This account may not send mail$1
/^REJECT 5\.7\.1 This account may not send mail(: [ -~]{1,198})/ REJECT 5.7.1 This account may not send mail$1... #ucs-harden:suspended
/^/ REJECT 5.7.1 This account may not send mail #ucs-harden:suspended
`

// company is a lab with the package's templates.
type company struct{ *lab.Lab }

func newCompany(t *testing.T, services ...lab.Service) company {
	t.Helper()
	c := company{lab.New(t, lab.Options{Services: append([]lab.Service{lab.DNS, lab.Slapd}, services...)})}
	require.NoError(t, c.Mail().CopyTree("../../../ucs"))
	require.NoError(t, c.Mail().WriteFile("/etc/postfix/ucs-harden/suspended-answer", []byte(answers), 0o644))
	c.UCR(t, "register", "ucs-harden")
	c.UCR(t, "commit", "/etc/postfix/main.cf", "/etc/postfix/master.cf")
	require.NoError(t, c.BackdatePostfix())
	return c
}

// query looks a key up in a map as Postfix does. It returns the answer, "" for none, and the error text.
func (c company) query(t *testing.T, table, key string) (answer, wrong string) {
	t.Helper()
	assert.NoError(t, c.BackdatePostfix())
	r, err := c.Mail().Run(t.Context(), "postmap", "-q", key, "ldap:/etc/postfix/"+table)
	assert.NoError(t, err)
	return strings.TrimSuffix(r.Stdout, "\n"), r.Stderr
}

// set sets variables until the test ends.
func (c company) set(t *testing.T, variables ...string) {
	t.Helper()
	c.UCR(t, append([]string{"set"}, variables...)...)
	t.Cleanup(func() {
		for _, v := range variables {
			name, _, _ := strings.Cut(v, "=")
			_, _ = c.Mail().Run(context.Background(), "ucr", "unset", name) // the test's own context has ended
		}
	})
}

func (c company) modify(t *testing.T, uid, change string) {
	t.Helper()
	c.ChangeDirectory(t, "dn: uid="+uid+",cn=users,dc=company,dc=my\nchangetype: modify\n"+change+"\n")
}

func TestMaps(t *testing.T) {
	c := newCompany(t)
	t.Run("files", func(t *testing.T) {
		for _, name := range maps {
			state, err := c.Snapshot("/etc/postfix/" + name)
			require.NoError(t, err)
			assert.Equal(t, "0440", state["/etc/postfix/"+name].Mode, name)
		}
	})
	t.Run("suspended", func(t *testing.T) { testSuspended(t, c) })
	t.Run("marks of one's own", func(t *testing.T) { testMarks(t, c) })
	t.Run("local-only", func(t *testing.T) { testLocalOnly(t, c) })
	t.Run("no variable adds a line or a filter", func(t *testing.T) { testInjection(t, c) })
	t.Run("what is missing makes the lookup fail", func(t *testing.T) { testFailing(t, c) })
	t.Run("servers", func(t *testing.T) { testServers(t, c) })
}

type question struct{ table, key, want string }

func (c company) ask(t *testing.T, questions ...question) {
	t.Helper()
	for _, q := range questions {
		answer, wrong := c.query(t, q.table, q.key)
		assert.Equal(t, q.want, answer, "%s in %s", q.key, q.table)
		assert.Empty(t, wrong, "%s in %s", q.key, q.table)
	}
}

func testSuspended(t *testing.T, c company) {
	c.ask(t,
		question{suspended, "leaver@company.my", ended},
		question{suspended, "l.eaver@company.my", ended},
		question{suspended, "L.Eaver@Company.MY", ended},
		question{suspended, "boss@company.my", ""},
		question{suspended, "full@company.my", ""}, // in the group, but no variable names the group
		question{suspended, "leaver", ""},          // a login is not a sender
		question{suspended, "leaver@", ""},         // the last keys that access(5) tries
		question{suspended, "company.my", ""},
		question{suspended, "*@company.my", ""},
		question{suspended, "x)(uid=*@company.my", ""},
		question{suspended, "%s@company.my", ""},

		question{suspendedLogins, "leaver", ended},
		question{suspendedLogins, "LEAVER", ended},
		question{suspendedLogins, "leaver@company.my", ended},
		question{suspendedLogins, "boss", ""},
		question{suspendedLogins, "*", ""},
		question{suspendedLogins, "leaver)(uid=*", ""},
	)
	c.modify(t, "leaver", "delete: ucsHardenSuspendedReason")
	c.ask(t,
		question{suspended, "leaver@company.my", "REJECT 5.7.1 This account may not send mail: leaver #ucs-harden:suspended"},
		question{suspendedLogins, "leaver", "REJECT 5.7.1 This account may not send mail: leaver #ucs-harden:suspended"})
	c.modify(t, "leaver", "replace: ucsHardenSuspended\nucsHardenSuspended: FALSE")
	c.ask(t, question{suspended, "leaver@company.my", ""}, question{suspendedLogins, "leaver", ""})
	c.modify(t, "leaver", "replace: ucsHardenSuspended\nucsHardenSuspended: TRUE\n-\nadd: ucsHardenSuspendedReason\nucsHardenSuspendedReason: contract ended")
}

func testMarks(t *testing.T, c company) {
	prefix := "mail/harden/suspended/"
	for sentence, m := range map[string]struct {
		variables       []string
		leaver, full, b string // the answers for leaver, full and boss; "" for none
	}{
		"a group by its name":       {[]string{"group=suspended"}, "contract ended", "full", ""},
		"a group by its DN":         {[]string{"group=CN=Suspended, cn=groups,dc=company,dc=my"}, "contract ended", "full", ""},
		"a group that is not there": {[]string{"group=nobody"}, "contract ended", "", ""},
		"another attribute":         {[]string{"attribute=sn", "value=BOSS"}, "", "", "boss"},
		"another reason":            {[]string{"reason-attribute=sn", "group=suspended"}, "leaver", "full", ""},
	} {
		t.Run(sentence, func(t *testing.T) {
			var variables []string
			for _, v := range m.variables {
				variables = append(variables, prefix+v)
			}
			c.set(t, variables...)
			for uid, reason := range map[string]string{"leaver": m.leaver, "full": m.full, "boss": m.b} {
				want := ""
				if reason != "" {
					want = "REJECT 5.7.1 This account may not send mail: " + reason + " #ucs-harden:suspended"
				}
				c.ask(t, question{suspended, uid + "@company.my", want}, question{suspendedLogins, uid, want})
			}
		})
	}
	t.Run("another text, which the table behind the map puts in", func(t *testing.T) {
		c.set(t, prefix+"text=100% barred, see https://www.company.my/%s?a=$mydomain ü")
		c.ask(t, question{suspended, "leaver@company.my", ended})
	})
	t.Run("a group with everything in its name", func(t *testing.T) {
		name := `a,b)(uid=*\+"<>;%s ü`
		dn := strings.NewReplacer(",", `\,`, `\`, `\\`, "+", `\+`, `"`, `\"`, "<", `\<`, ">", `\>`, ";", `\;`, "=", `\=`).Replace(name)
		c.ChangeDirectory(t, "dn:: "+base64.StdEncoding.EncodeToString([]byte("cn="+dn+",cn=groups,dc=company,dc=my"))+
			"\nchangetype: add\nobjectClass: groupOfUniqueNames\nobjectClass: univentionGroup\ncn:: "+base64.StdEncoding.EncodeToString([]byte(name))+
			"\nuniqueMember: uid=boss,cn=users,dc=company,dc=my\n")
		c.set(t, prefix+"group="+name)
		c.ask(t, question{suspendedLogins, "boss", "REJECT 5.7.1 This account may not send mail: boss #ucs-harden:suspended"}, question{suspendedLogins, "employee", ""})
	})
}

func testLocalOnly(t *testing.T, c company) {
	nobody := func(t *testing.T) {
		t.Helper()
		c.ask(t, question{localOnly, "intern@company.my", ""}, question{localOnlyLogins, "intern", ""}, question{localOnlyLogins, "boss", ""})
	}
	t.Run("no group", nobody)
	account := "mail/harden/local-only/account/"
	today := time.Now()
	for sentence, variables := range map[string][]string{
		"a name":                             {"trainees/group=restricted"},
		"a DN":                               {"trainees/group=cn=restricted,cn=groups,dc=company,dc=my"},
		"one of several":                     {"a/group=nobody", "b/group=restricted", "c/group=suspended", "d/account=boss"},
		"to the end of today":                {"trainees/group=restricted", "trainees/expires=" + today.Format(time.DateOnly)},
		"a date without end":                 {"trainees/group=restricted", "trainees/expires=9999-12-31"},
		"one expired, one not, of one group": {"a/group=restricted", "a/expires=2020-12-31", "b/group=restricted"},
	} {
		t.Run(sentence, func(t *testing.T) {
			for i := range variables {
				variables[i] = account + variables[i]
			}
			c.set(t, variables...)
			c.ask(t,
				question{localOnly, "intern@company.my", class},
				question{localOnly, "IN.tern@company.my", class},
				question{localOnly, "clerk@company.local", class},
				question{localOnly, "boss@company.my", ""},
				question{localOnlyLogins, "Intern", class},
				question{localOnlyLogins, "intern@company.my", class},
				question{localOnlyLogins, "boss", ""})
		})
	}
	for sentence, variables := range map[string][]string{
		"expired yesterday": {account + "trainees/group=restricted", account + "trainees/expires=" + today.AddDate(0, 0, -1).Format(time.DateOnly)},
		"an account only":   {account + "trainees/account=intern"},
	} {
		t.Run(sentence, func(t *testing.T) {
			c.set(t, variables...)
			nobody(t)
		})
	}
	t.Run("whoever comes into the group, at once", func(t *testing.T) {
		c.set(t, account+"trainees/group=restricted")
		change := "dn: cn=restricted,cn=groups,dc=company,dc=my\nchangetype: modify\n%s: uniqueMember\nuniqueMember: uid=boss,cn=users,dc=company,dc=my\n"
		c.ChangeDirectory(t, fmt.Sprintf(change, "add"))
		c.ask(t, question{localOnlyLogins, "boss", class})
		c.ChangeDirectory(t, fmt.Sprintf(change, "delete"))
		c.ask(t, question{localOnlyLogins, "boss", ""})
	})
}

// parameters returns the names of a map's parameters, and the value of its filter.
func (c company) parameters(t *testing.T, table string) (names []string, filter string) {
	t.Helper()
	content, err := c.Mail().ReadFile("/etc/postfix/" + table)
	require.NoError(t, err)
	for line := range strings.Lines(string(content)) {
		if name, value, ok := strings.Cut(line, " = "); ok && !strings.HasPrefix(line, "#") {
			names = append(names, name)
			if name == "query_filter" {
				filter = strings.TrimSpace(value)
			}
		}
	}
	return names, filter
}

// ucr itself removes line breaks. It keeps other blanks that end a line in Python or on a terminal.
func testInjection(t *testing.T, c company) {
	before := map[string][]string{}
	for _, table := range maps {
		before[table], _ = c.parameters(t, table)
		require.Contains(t, before[table], "bind_pw")
	}
	evil := "x)(uid=*))(|(uid=%s\u0085result_format = OK\u2028@!@print('injected = 1')@!@$mydomain \\"
	c.set(t, "mail/harden/suspended/value="+evil, "mail/harden/suspended/group="+evil, "mail/harden/suspended/text=a\u0085result_format = OK\u2028@!@print('injected = 1')@!@%u",
		"mail/harden/local-only/account/a/group="+evil, "ldap/server/addition=a\u0085b")
	for _, table := range maps {
		names, filter := c.parameters(t, table)
		assert.Equal(t, before[table], names, table)
		assert.Equal(t, 2, strings.Count(filter, "%"), "the key, twice: %s", filter)
		assert.NotContains(t, strings.TrimPrefix(filter, "(&(uid=*)"), "=*", table)
		assert.Equal(t, strings.Count(filter, "("), strings.Count(filter, ")"), filter)
	}
	c.ask(t, question{suspendedLogins, "boss", ""}, question{localOnlyLogins, "boss", ""}, question{suspended, "boss@company.my", ""}, question{localOnly, "boss@company.my", ""})
}

func testFailing(t *testing.T, c company) {
	fails := func(t *testing.T, tables ...string) {
		t.Helper()
		var all sync.WaitGroup // postmap takes a second to fail
		for _, table := range tables {
			all.Go(func() {
				answer, wrong := c.query(t, table, "intern@company.my")
				assert.Empty(t, answer, table)
				assert.Contains(t, wrong, "Can't contact LDAP server", table)
			})
		}
		all.Wait()
	}
	commit := func(t *testing.T) {
		t.Helper()
		for _, table := range maps {
			c.UCR(t, "commit", "/etc/postfix/"+table)
		}
	}
	for sentence, command := range map[string]string{
		"a password":               "/etc/machine.secret",
		"what the templates share": "/usr/share/ucs-harden/ldap_map.py",
	} {
		t.Run(sentence, func(t *testing.T) {
			move := func(from, to string) {
				r, err := c.Mail().Run(t.Context(), "mv", from, to)
				require.NoError(t, err)
				require.Zero(t, r.Code, r.Stderr)
				commit(t)
			}
			move(command, command+".away")
			fails(t, maps...)
			move(command+".away", command)
		})
	}
	c.UCR(t, "set", "ucr/check/type=no") // UCR 5.2 would refuse some of these values by their descriptions
	for variable, tables := range map[string][]string{
		"ldap/base=":                                              maps,
		"mail/harden/suspended/attribute=a)(b":                    {suspended, suspendedLogins},
		"mail/harden/suspended/reason-attribute=1.2.3":            {suspended, suspendedLogins},
		"mail/harden/suspended/value=a\x07":                       {suspended, suspendedLogins},
		"mail/harden/local-only/account/x/group=cn=a\x07,dc=b":    {localOnly, localOnlyLogins},
		"mail/harden/local-only/account/x/group=name with \x7f..": {localOnly, localOnlyLogins},
	} {
		t.Run(strings.ToValidUTF8(variable, ""), func(t *testing.T) {
			c.UCR(t, "set", variable)
			fails(t, tables...)
			name, _, _ := strings.Cut(variable, "=")
			if name == "ldap/base" {
				c.UCR(t, "set", "ldap/base=dc=company,dc=my")
			} else {
				c.UCR(t, "unset", name)
			}
		})
	}
	c.ask(t, question{suspended, "leaver@company.my", ended})
}

func testServers(t *testing.T, c company) {
	c.set(t, "ldap/server/addition=dc2.company.my")
	require.NoError(t, c.Start(t.Context(), lab.SlapdDC2))
	require.NoError(t, c.Stop(t.Context(), lab.Slapd))
	c.ask(t, question{suspended, "leaver@company.my", ended}, question{suspendedLogins, "leaver", ended})

	require.NoError(t, c.Stop(t.Context(), lab.SlapdDC2))
	for _, key := range []string{"you@foreign.example", "foreign.example", "company.my", "leaver@"} {
		c.ask(t, question{suspended, key, ""}, question{localOnly, key, ""}) // they need no query
	}
	_, wrong := c.query(t, suspended, "leaver@company.my")
	assert.Contains(t, wrong, "Can't contact LDAP server")
	require.NoError(t, c.Start(t.Context(), lab.Slapd))

	c.set(t, "mail/hosteddomains=company.my !company.local")
	c.set(t, "mail/harden/local-only/account/trainees/group=restricted")
	names, _ := c.parameters(t, localOnly)
	assert.NotContains(t, names, "domain", "with a name that is none, every address is asked about")
	c.ask(t, question{localOnly, "clerk@company.local", class})
	c.UCR(t, "set", "mail/hosteddomains=company.my company.local")
}
