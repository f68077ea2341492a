package directory

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ucs-harden/identity"
)

// mailSchema replaces the mail schema of UCS. The mail class is auxiliary, because the test server has no structural
// class of persons with these attributes.
const mailSchema = `attributetype ( 1.3.6.1.4.1.10176.99.2 NAME 'mailPrimaryAddress' EQUALITY caseIgnoreIA5Match SYNTAX 1.3.6.1.4.1.1466.115.121.1.26 SINGLE-VALUE )
attributetype ( 1.3.6.1.4.1.10176.99.3 NAME 'mailAlternativeAddress' EQUALITY caseIgnoreIA5Match SYNTAX 1.3.6.1.4.1.1466.115.121.1.26 )
objectclass ( 1.3.6.1.4.1.10176.99.4 NAME 'univentionMail' SUP top AUXILIARY MAY ( uid $ mailPrimaryAddress $ mailAlternativeAddress ) )
`

func person(uid, primary string, alternatives ...string) string {
	entry := "\ndn: uid=" + uid + "," + base + "\nobjectClass: account\nobjectClass: univentionMail\nuid: " + uid + "\n"
	if primary != "" {
		entry += "mailPrimaryAddress: " + primary + "\n"
	}
	for _, a := range alternatives {
		entry += "mailAlternativeAddress: " + a + "\n"
	}
	return entry
}

// people are entries with and without mail; a list has an address and no uid, a guest has a uid and no address.
var people = company +
	person("anna", "anna@company.my") +
	person("clerk", "clerk@company.local") +
	person("Zoe", "zoe@company.my") +
	person("employee", "employee@company.my", "e.mployee@company.my", "employee@company.local") +
	person("boss", "boss@company.my", "chief@company.my") +
	person("guest", "") +
	person("odd", "odd address@company.my") +
	person("half", "half@company.my", "two words@company.my") +
	"\ndn: cn=staff," + base + "\nobjectClass: applicationProcess\nobjectClass: univentionMail\ncn: staff\nmailPrimaryAddress: staff@company.my\n" +
	"\ndn: uid=nobody," + base + "\nobjectClass: account\nuid: nobody\n"

var peoplesUsers = []identity.Account{
	{UID: "boss", Primary: "boss@company.my", Alternatives: []string{"chief@company.my"}},
	{UID: "employee", Primary: "employee@company.my", Alternatives: []string{"e.mployee@company.my", "employee@company.local"}},
	{UID: "Zoe", Primary: "zoe@company.my"},
	{UID: "anna", Primary: "anna@company.my"},
	{UID: "clerk", Primary: "clerk@company.local"},
	{UID: "half", Primary: "half@company.my"},
}

func TestMailUsers(t *testing.T) {
	t.Parallel()
	ca := newAuthority(t)
	good := startSlapd(t, ca, people, settings{schema: mailSchema})

	t.Run("all, those with an alternative address first", func(t *testing.T) {
		found, err := MailUsers(t.Context(), config(t, ca, good.address), 0)
		require.NoError(t, err)
		assert.Equal(t, peoplesUsers, found)
	})
	t.Run("a few, after a server that is down", func(t *testing.T) {
		found, err := MailUsers(t.Context(), config(t, ca, freeAddress(t), good.address), 3)
		require.NoError(t, err)
		assert.Equal(t, peoplesUsers[:3], found)
	})
	t.Run("the same from LDIF, of slapcat and of ldapsearch", func(t *testing.T) {
		for _, ldif := range []string{slapcat(t, good), ldapsearch(t, ca, good, "(objectClass=univentionMail)", "objectClass", "uid", "mailPrimaryAddress", "mailAlternativeAddress")} {
			found, err := UsersFromLDIF(strings.NewReader(ldif), 3)
			require.NoError(t, err)
			assert.Equal(t, peoplesUsers[:3], found)
		}
	})
	t.Run("a wrong password is the same error as for the domain controllers", func(t *testing.T) {
		c := config(t, ca, good.address)
		c.PasswordFile = writeFile(t, "machine.secret", "yesterday's")
		_, err := MailUsers(t.Context(), c, 3)
		require.ErrorIs(t, err, ErrBadPassword)
		assert.Contains(t, err.Error(), "cannot read the mail users from LDAP")
	})
	t.Run("a domain in which nobody has mail", func(t *testing.T) {
		empty := startSlapd(t, ca, company, settings{schema: mailSchema})
		found, err := MailUsers(t.Context(), config(t, ca, empty.address), 3)
		require.NoError(t, err)
		assert.Empty(t, found)
	})
}

func TestMailUsersNeverHalf(t *testing.T) {
	t.Parallel()
	ca := newAuthority(t)
	entries := people
	for i := range 1200 {
		entries += person(fmt.Sprintf("user-%04d", i), fmt.Sprintf("user-%04d@company.my", i))
	}
	whole := startSlapd(t, ca, entries, settings{schema: mailSchema})
	limited := startSlapd(t, ca, entries, settings{schema: mailSchema, sizeLimit: "700"})

	found, err := MailUsers(t.Context(), config(t, ca, limited.address), 3)
	require.ErrorIs(t, err, ErrIncomplete)
	assert.Nil(t, found, "whom the limit leaves out depends on the server")

	found, err = MailUsers(t.Context(), config(t, ca, limited.address, whole.address), 0)
	require.NoError(t, err)
	assert.Len(t, found, len(peoplesUsers)+1200, "more than a page")
}

func TestWhatAnSMTPCommandCannotCarryIsNoUser(t *testing.T) {
	for sentence, values := range map[string]map[string][]string{
		"no uid":                     {"mailPrimaryAddress": {"a@b"}},
		"no address":                 {"uid": {"a"}},
		"a line break in the uid":    {"uid": {"a\r\nQUIT"}, "mailPrimaryAddress": {"a@b"}},
		"a line break in an address": {"uid": {"a"}, "mailPrimaryAddress": {"a@b\r\nRCPT TO:<c@d>"}},
		"an angle bracket":           {"uid": {"a"}, "mailPrimaryAddress": {"a@b>"}},
		"no @":                       {"uid": {"a"}, "mailPrimaryAddress": {"a"}},
		"two @":                      {"uid": {"a"}, "mailPrimaryAddress": {"a@b@c"}},
		"no local part":              {"uid": {"a"}, "mailPrimaryAddress": {"@b"}},
		"no ASCII":                   {"uid": {"a"}, "mailPrimaryAddress": {"ä@b"}},
	} {
		_, ok := newUser("uid=a", func(attribute string) []string { return values[attribute] })
		assert.False(t, ok, sentence)
	}
	u, ok := newUser("uid=a", func(attribute string) []string {
		return map[string][]string{
			"uid": {"a.b-c_d"}, "mailPrimaryAddress": {"a+b'c@company.my"},
			"mailAlternativeAddress": {"z@company.my", "\x00@company.my", "b@company.my", "z@company.my"},
		}[attribute]
	})
	require.True(t, ok)
	assert.Equal(t, identity.Account{UID: "a.b-c_d", Primary: "a+b'c@company.my", Alternatives: []string{"b@company.my", "z@company.my"}}, u)
}
