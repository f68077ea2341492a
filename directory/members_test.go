package directory

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var memberSchema = strings.Replace(markSchema, "MUST cn MAY mailPrimaryAddress )", "MUST cn MAY ( mailPrimaryAddress $ univentionMailMember ) )", 1)

const mailMember = `attributetype ( 1.3.6.1.4.1.10176.1010.1.100 NAME 'univentionMailMember' EQUALITY caseIgnoreIA5Match SYNTAX 1.3.6.1.4.1.1466.115.121.1.26 )
`

func list(cn, address string, members ...string) string {
	entry := "\ndn: cn=" + cn + "," + base + "\nobjectClass: univentionMailList\ncn: " + cn + "\n"
	if address != "" {
		entry += "mailPrimaryAddress: " + address + "\n"
	}
	for _, member := range members {
		entry += "univentionMailMember: " + member + "\n"
	}
	return entry
}

func TestMembers(t *testing.T) {
	t.Parallel()
	const user = "uniqueMember: uid="
	circles := person("ann", "ann@company.my", "info@company.my") + person("bob", "bob@company.my", "info@company.my") +
		person("cut", "cut@company.my") + person("login-only", "") +
		group("cn=sales,"+base, "sales", "mailPrimaryAddress: sales@company.my", user+"ann,"+base, user+"login-only,"+base,
			"uniqueMember: cn=pc1,cn=computers,"+base, "uniqueMember: uid=gone,"+base) +
		group("cn=plain,"+base, "plain", user+"bob,"+base) +
		group("cn=all,"+base, "all", "mailPrimaryAddress: all@company.my", "uniqueMember: cn=sales,"+base, "uniqueMember: cn=plain,"+base, user+"ann,"+base) +
		group("cn=loop,"+base, "loop", "mailPrimaryAddress: loop@company.my", "uniqueMember: cn=round,"+base, user+"cut,"+base) +
		group("cn=round,"+base, "round", "uniqueMember: cn=loop,"+base, user+"ann,"+base) +
		group("cn=twice,ou=a,"+base, "twice", user+"ann,"+base) + group("cn=twice,"+base, "twice", user+"bob,"+base) +
		list("staff", "staff@company.my", "CUT@company.my", "friend@foreign.example", "nobody@company.my") +
		list("shared", "shared@company.my", "info@company.my") +
		list("nested", "nested@company.my", "Staff@Company.my", "sales@company.my") +
		list("silent", "", "ann@company.my") +
		list("empty", "empty@company.my")
	ou := "\ndn: ou=a," + base + "\nobjectClass: organizationalUnit\nou: a\n"
	ca := newAuthority(t)
	server := startSlapd(t, ca, company+ou+circles, settings{schema: strings.Replace(memberSchema, "objectclass (", mailMember+"objectclass (", 1)})
	ldif := slapcat(t, server)
	type found map[string]string // by name: its address, and the uids of the members
	for sentence, c := range map[string]struct {
		wanted Wanted
		want   found
	}{
		"nothing wanted is nothing asked":           {Wanted{}, found{}},
		"a group by its name, computers left out":   {Wanted{Groups: []string{"SALES"}}, found{"sales": "sales@company.my ann login-only"}},
		"a group by its DN, whatever its capitals":  {Wanted{Groups: []string{"CN=Sales, " + strings.ToUpper(base)}}, found{"sales": "sales@company.my ann login-only"}},
		"a group without an address":                {Wanted{Groups: []string{"plain"}}, found{"plain": " bob"}},
		"groups in a group count":                   {Wanted{Groups: []string{"all"}}, found{"all": "all@company.my ann bob login-only"}},
		"groups in each other":                      {Wanted{Groups: []string{"loop", "round"}}, found{"loop": "loop@company.my ann cut", "round": " ann cut"}},
		"a name that two groups have":               {Wanted{Groups: []string{"cn=twice," + base}}, found{"twice": " bob"}},
		"a group that is missing":                   {Wanted{Groups: []string{"missing", "cn=missing," + base}}, found{}},
		"a filter is a name like any other":         {Wanted{Groups: []string{"*)(cn=*", "cn=*," + base}}, found{}},
		"a list by its address, outsiders left out": {Wanted{Lists: []string{"STAFF@company.my"}}, found{"staff": "staff@company.my cut"}},
		"everybody who has the address of a member": {Wanted{Lists: []string{"shared@company.my"}}, found{"shared": "shared@company.my ann bob"}},
		"lists and groups in a list count":          {Wanted{Lists: []string{"nested@company.my"}}, found{"nested": "nested@company.my ann cut login-only"}},
		"a list without members":                    {Wanted{Lists: []string{"empty@company.my"}}, found{"empty": "empty@company.my"}},
		"the address of a user is no list":          {Wanted{Lists: []string{"ann@company.my", "missing@company.my"}}, found{}},
		"the address of a group does as well":       {Wanted{Lists: []string{"sales@company.my"}}, found{"sales": "sales@company.my ann login-only"}},
		"a list has no name to be called by":        {Wanted{Groups: []string{"staff"}}, found{}},
		"all have an address, and what is named, too": {Wanted{All: true, Groups: []string{"plain"}}, found{
			"sales": "sales@company.my ann login-only", "plain": " bob", "all": "all@company.my ann bob login-only",
			"loop": "loop@company.my ann cut", "staff": "staff@company.my cut", "shared": "shared@company.my ann bob",
			"nested": "nested@company.my ann cut login-only", "empty": "empty@company.my",
		}},
	} {
		t.Run(sentence, func(t *testing.T) {
			live, err := Members(t.Context(), config(t, ca, server.address), c.wanted)
			require.NoError(t, err)
			filed, err := MembersInLDIF(strings.NewReader(ldif), c.wanted)
			require.NoError(t, err)
			assert.Equal(t, live, filed, "a file says the same")
			got := found{}
			for _, g := range live {
				var uids []string
				for _, a := range g.Members {
					uids = append(uids, a.UID)
				}
				slices.Sort(uids)
				got[g.Name] = strings.Join(append([]string{g.Address}, uids...), " ")
			}
			assert.Equal(t, c.want, got)
		})
	}
}

func TestMembersNeedAnAnswer(t *testing.T) {
	t.Parallel()
	_, err := Members(t.Context(), config(t, newAuthority(t), freeAddress(t)), Wanted{All: true})
	require.ErrorIs(t, err, ErrUnreachable)
	require.ErrorContains(t, err, "cannot read the members of groups and lists from LDAP: ")
	_, err = MembersInLDIF(strings.NewReader("dn: cn=x\n"), Wanted{All: true})
	require.ErrorContains(t, err, "has no objectClass")
}
