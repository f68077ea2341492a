package lab

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The behaviour is that of the real command: an unknown option is an error, an unknown property only a warning.
func TestUDM(t *testing.T) {
	l := New(t, Options{Services: []Service{Slapd, Rsyslog}})
	const boss = "uid=boss,cn=users,dc=company,dc=my"
	for _, c := range []struct {
		what           string
		argv           []string
		code           int
		stdout, stderr string
	}{
		{"an alias", []string{"users/user", "modify", "--dn", boss, "--append", "mailAlternativeAddress=ceo@company.my"}, 0,
			"Object modified: " + boss + "\n", ""},
		{"the alias once more", []string{"users/user", "modify", "--dn", boss, "--append", "mailAlternativeAddress=ceo@company.my"}, 0,
			"No modification: " + boss + "\n", "WARNING: cannot append ceo@company.my to mailAlternativeAddress, value exists\n"},
		{"a domain that is none of ours", []string{"users/user", "modify", "--dn", boss, "--append", "mailAlternativeAddress=x@foreign.example"}, 3,
			"", "not in list of configured mail domains: x@foreign.example"},
		{"a property that users do not have", []string{"users/user", "modify", "--dn", boss, "--append", "alias=ceo@company.my"}, 0,
			"No modification: " + boss + "\n", "WARNING: No attribute with name alias in this module, value not appended.\n"},
		{"an option that udm does not have", []string{"users/user", "modify", "--dn", boss, "--add", "x=y"}, 3, "", "option --add not recognized"},
		{"an argument without an option", []string{"users/user", "modify", "--dn", boss, "mailAlternativeAddress=x@company.my"}, 0,
			"No modification: " + boss + "\n", "WARNING: the following arguments are ignored: \"mailAlternativeAddress=x@company.my\"\n"},
		{"nobody", []string{"users/user", "modify", "--dn", "uid=nobody,cn=users,dc=company,dc=my", "--set", "lastname=x"}, 3, "", "E: object not found"},
		{"a group is no user", []string{"users/user", "modify", "--dn", "cn=office,cn=groups,dc=company,dc=my", "--set", "lastname=x"}, 3,
			"", "E: object not found"},
		{"a module that there is not", []string{"mail/mailinglist", "list"}, 3, "", "unknown module mail/mailinglist."},
		{"a service", []string{"computers/memberserver", "modify", "--dn", "cn=files,cn=memberserver,cn=computers,dc=company,dc=my", "--append", "service=SMTP"}, 0,
			"Object modified: cn=files,cn=memberserver,cn=computers,dc=company,dc=my\n", ""},
		{"a mail server", []string{"computers/memberserver", "create", "--position", "cn=memberserver,cn=computers,dc=company,dc=my",
			"--set", "name=mail2", "--set", "ip=10.99.1.25", "--set", "service=SMTP"}, 0,
			"Object created: cn=mail2,cn=memberserver,cn=computers,dc=company,dc=my\n", ""},
		{"the mail server once more", []string{"computers/memberserver", "create", "--set", "name=mail2"}, 3, "", "E: Object exists: cn=mail2,"},
		{"the address of a group", []string{"groups/group", "modify", "--dn", "cn=restricted,cn=groups,dc=company,dc=my", "--set", "mailAddress=restricted@company.my"}, 0,
			"Object modified: cn=restricted,cn=groups,dc=company,dc=my\n", ""},
		{"an account", []string{"users/user", "create", "--set", "username=ticket", "--set", "lastname=Ticket", "--set", "password=lab-ticket",
			"--set", "mailPrimaryAddress=ticket@company.my", "--set", "mailHomeServer=mail.company.my"}, 0,
			"Object created: uid=ticket,cn=users,dc=company,dc=my\n", ""},
		{"an account without a password", []string{"users/user", "create", "--set", "username=x", "--set", "lastname=x"}, 3, "", "The following properties are missing:\npassword"},
		{"a list loses a member", []string{"mail/lists", "modify", "--dn", "cn=staff,cn=mailinglists,cn=mail,dc=company,dc=my", "--remove", "members=boss@company.my"}, 0,
			"Object modified: cn=staff,cn=mailinglists,cn=mail,dc=company,dc=my\n", ""},
		{"an account goes", []string{"users/user", "remove", "--dn", "uid=ticket,cn=users,dc=company,dc=my"}, 0,
			"Object removed: uid=ticket,cn=users,dc=company,dc=my\n", ""},
	} {
		result, err := l.Mail().Run(t.Context(), append([]string{"udm"}, c.argv...)...)
		require.NoError(t, err)
		assert.Equal(t, c.code, result.Code, "%s: %s%s", c.what, result.Stdout, result.Stderr)
		assert.Equal(t, c.stdout, result.Stdout, c.what)
		if c.stderr == "" {
			assert.Empty(t, result.Stderr, c.what)
		}
		assert.Contains(t, result.Stderr, c.stderr, c.what)
	}

	for filter, want := range map[string]string{
		"(uid=boss)":      "mailAlternativeAddress: chief@company.my\nmailAlternativeAddress: ceo@company.my\n",
		"(cn=files)":      "univentionService: SMTP\n",
		"(cn=mail2)":      "univentionService: SMTP\n",
		"(cn=restricted)": "mailPrimaryAddress: restricted@company.my\n",
	} {
		found := l.Must(t, "univention-ldapsearch", "-LLL", filter)
		assert.Contains(t, found, want)
	}
	assert.NotContains(t, l.Must(t, "univention-ldapsearch", "-LLL", "(cn=staff)"), "boss")
	require.NoError(t, l.Mail().WriteFile("/etc/ldap.secret", []byte("wrong"), 0o600))
	result, err := l.Mail().Run(t.Context(), "udm", "users/user", "modify", "--dn", boss, "--set", "lastname=x")
	require.NoError(t, err)
	assert.Equal(t, 3, result.Code, "a wrong password: %s%s", result.Stdout, result.Stderr)
}
