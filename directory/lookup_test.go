package directory

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ucs-harden/identity"
)

func TestLookup(t *testing.T) {
	t.Parallel()
	ca := newAuthority(t)
	server := startSlapd(t, ca, people, settings{schema: mailSchema})
	ldif := slapcat(t, server)
	boss := identity.Account{UID: "boss", Primary: "boss@company.my", Alternatives: []string{"chief@company.my"}, DN: "uid=boss,dc=company,dc=my"}
	for sentence, c := range map[string]struct {
		names []string
		want  []string // primary addresses
	}{
		"a login by uid":                  {[]string{"boss"}, []string{"boss@company.my"}},
		"a login by address, in capitals": {[]string{"BOSS@Company.my"}, []string{"boss@company.my"}},
		"an alternative address":          {[]string{"chief@company.my"}, []string{"boss@company.my"}},
		"two names of one user":           {[]string{"boss", "chief@company.my"}, []string{"boss@company.my"}},
		"names of three":                  {[]string{"boss", "clerk@company.local", "anna"}, []string{"boss@company.my", "anna@company.my", "clerk@company.local"}},
		"a mailing list":                  {[]string{"staff@company.my"}, []string{"staff@company.my"}},
		"nobody's":                        {[]string{"nobody-at-all@company.my"}, nil},
		"a star is no pattern":            {[]string{"*", "*@company.my"}, nil},
		"brackets do not end the filter":  {[]string{"boss)(uid=*"}, nil},
		"no name":                         {[]string{"", ""}, nil},
	} {
		t.Run(sentence, func(t *testing.T) {
			overLDAP, err := Lookup(t.Context(), config(t, ca, server.address), c.names...)
			require.NoError(t, err)
			fromFile, err := LookupInLDIF(strings.NewReader(ldif), c.names...)
			require.NoError(t, err)
			for _, found := range [][]identity.Account{overLDAP, fromFile} {
				var got []string
				for _, u := range found {
					got = append(got, u.Primary)
					if u.UID == "boss" {
						assert.Equal(t, boss, u)
					}
				}
				assert.Equal(t, c.want, got)
			}
		})
	}
	c := config(t, ca, server.address)
	c.PasswordFile = writeFile(t, "machine.secret", "yesterday's")
	_, err := Lookup(t.Context(), c, "boss")
	require.ErrorIs(t, err, ErrBadPassword)
	assert.ErrorContains(t, err, "cannot look up whose addresses these are in LDAP")
}

func TestNames(t *testing.T) {
	t.Parallel()
	ca := newAuthority(t)
	server := startSlapd(t, ca, people, settings{schema: mailSchema})
	ldif := slapcat(t, server)
	for of, wanted := range map[NamesOf][]string{
		Accounts: {"boss", "boss@company.my", "chief@company.my", "staff@company.my"},
		Groups:   nil,
	} {
		overLDAP, err := Names(t.Context(), config(t, ca, server.address), of)
		require.NoError(t, err)
		fromFile, err := NamesInLDIF(strings.NewReader(ldif), of)
		require.NoError(t, err)
		assert.Equal(t, overLDAP, fromFile)
		assert.Subset(t, overLDAP, wanted)
		assert.Equal(t, len(wanted) > 0, len(overLDAP) > 0)
		assert.NotContains(t, overLDAP, "", "a name is no empty text")
	}
	groups, err := Names(t.Context(), config(t, ca, server.address), Groups)
	require.NoError(t, err)
	assert.NotContains(t, groups, "boss")
}
