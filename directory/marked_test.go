package directory

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ucs-harden/identity"
)

// markSchema adds to mailSchema what UCS has for groups and lists, and two attributes like those the package ships. The
// overlay's module defines memberOf.
const markSchema = mailSchema + `attributetype ( 1.3.6.1.4.1.10176.99.5 NAME 'suspended' EQUALITY caseIgnoreIA5Match SYNTAX 1.3.6.1.4.1.1466.115.121.1.26 SINGLE-VALUE )
attributetype ( 1.3.6.1.4.1.10176.99.6 NAME 'suspendedReason' EQUALITY caseIgnoreMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 )
attributetype ( 1.3.6.1.4.1.10176.99.7 NAME 'level' EQUALITY integerMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.27 )
objectclass ( 1.3.6.1.4.1.10176.99.8 NAME 'markedMail' SUP top AUXILIARY MAY ( suspended $ suspendedReason $ level ) )
objectclass ( 1.3.6.1.4.1.10176.99.9 NAME 'univentionGroup' SUP top AUXILIARY MAY mailPrimaryAddress )
objectclass ( 1.3.6.1.4.1.10176.99.10 NAME 'univentionMailList' SUP top STRUCTURAL MUST cn MAY mailPrimaryAddress )
`

const (
	clerks   = "cn=clerks," + base
	odd      = `cn=a\2Cb) (uid\3D*\5C,` + base // its cn is `a,b) (uid=*\`
	oddName  = `a,b) (uid=*\`
	noLonger = "No longer\nwith us\r\n250 OK %s $mydomain \u00fc"
)

func group(dn, cn string, rest ...string) string {
	return "\ndn: " + dn + "\nobjectClass: groupOfUniqueNames\nobjectClass: univentionGroup\ncn: " + cn + "\n" + strings.Join(rest, "\n") + "\n"
}

func isMarked(entry string, lines ...string) string {
	return strings.Replace(entry, "objectClass: ", "objectClass: markedMail\nobjectClass: ", 1) + strings.Join(lines, "\n") + "\n"
}

// marks has marked people beside the unmarked ones of people.
var marks = people +
	isMarked(person("gone", "gone@company.my", "g.one@company.my"), "suspended: True", "suspendedReason: contract ended") +
	isMarked(person("login-only", ""), "suspended: TRUE") +
	isMarked(person("inside-out", "odd address@company.my", "in.out@company.my"), "suspended: TRUE", "suspendedReason:: "+encode(noLonger)) +
	isMarked(person("still-here", "still@company.my"), "suspended: FALSE", "suspendedReason: came back") +
	isMarked(person("star", "star@company.my"), "suspended: *", "level: 7") +
	isMarked(person("filter", "filter@company.my"), "suspended: x)(uid=*") +
	person("member", "member@company.my") + "memberOf: " + clerks + "\n" +
	person("other", "other@company.my") + "memberOf: " + odd + "\n" +
	isMarked("\ndn: cn=all,"+base+"\nobjectClass: univentionMailList\nobjectClass: univentionMail\ncn: all\nmailPrimaryAddress: all@company.my\n", "suspended: TRUE") +
	group(clerks, "clerks", "uniqueMember: uid=member,"+base) +
	group(odd, oddName, "uniqueMember: uid=other,"+base)

func encode(text string) string { return base64.StdEncoding.EncodeToString([]byte(text)) }

func TestMarked(t *testing.T) {
	t.Parallel()
	ca := newAuthority(t)
	server := startSlapd(t, ca, marks, settings{schema: markSchema})
	ldif := slapcat(t, server)
	suspended := Mark{Attribute: "suspended", Value: "TRUE", ReasonAttribute: "suspendedReason"}
	for sentence, c := range map[string]struct {
		mark Mark
		want []string // uid, or the address of an entry without uid
	}{
		"an attribute, whatever its capitals":  {suspended, []string{"gone", "inside-out", "login-only"}},
		"a value in other capitals and blanks": {Mark{Attribute: "SUSPENDED", Value: " true "}, []string{"gone", "inside-out", "login-only"}},
		"an integer":                           {Mark{Attribute: "level", Value: "7"}, []string{"star"}},
		"a group":                              {Mark{Group: clerks}, []string{"member"}},
		"a group in other capitals and blanks": {Mark{Group: "CN=Clerks, DC=company,DC=my"}, []string{"member"}},
		"either":                               {Mark{Attribute: "suspended", Value: "TRUE", Group: clerks}, []string{"gone", "inside-out", "login-only", "member"}},
		"a star is a value like any other":     {Mark{Attribute: "suspended", Value: "*"}, []string{"star"}},
		"brackets do not end the filter":       {Mark{Attribute: "suspended", Value: "x)(uid=*"}, []string{"filter"}},
		"brackets do not end the filter when no account has them": {Mark{Attribute: "suspended", Value: "TRUE)(uid=*"}, nil},
		"a line break is a character":                             {Mark{Attribute: "suspended", Value: "TRUE\nuid: boss"}, nil},
		"%s is text":                                              {Mark{Attribute: "suspended", Value: "%s"}, nil},
		"a group with everything in its name":                     {Mark{Group: odd}, []string{"other"}},
		"a group with a star":                                     {Mark{Group: "cn=*," + base}, nil},
		"a group whose name ends the filter":                      {Mark{Group: "cn=x)(uid=*," + base}, nil},
		"a group that is not there":                               {Mark{Group: "cn=nobody," + base}, nil},
		"an attribute that the server does not know":              {Mark{Attribute: "unheardOf", Value: "TRUE"}, nil},
		"any attribute can be the mark":                           {Mark{Attribute: "uid", Value: "half"}, []string{"half"}},
	} {
		t.Run(sentence, func(t *testing.T) {
			overLDAP, err := Marked(t.Context(), config(t, ca, server.address), c.mark)
			require.NoError(t, err)
			fromFile, err := MarkedInLDIF(strings.NewReader(ldif), c.mark)
			require.NoError(t, err)
			for _, found := range [][]identity.Account{overLDAP, fromFile} {
				var got []string
				for _, u := range found {
					got = append(got, u.UID)
				}
				assert.Equal(t, c.want, got)
			}
		})
	}
	t.Run("with their names and the reason as they are", func(t *testing.T) {
		want := []identity.Account{
			{UID: "gone", Primary: "gone@company.my", Alternatives: []string{"g.one@company.my"}, Reason: "contract ended"},
			{UID: "inside-out", Primary: "odd address@company.my", Alternatives: []string{"in.out@company.my"}, Reason: noLonger},
			{UID: "login-only"},
		}
		found, err := Marked(t.Context(), config(t, ca, server.address), suspended)
		require.NoError(t, err)
		assert.Equal(t, want, found)
		found, err = MarkedInLDIF(strings.NewReader(ldif), suspended)
		require.NoError(t, err)
		assert.Equal(t, want, found)
	})
	t.Run("a wrong password is the same error as for the domain controllers", func(t *testing.T) {
		c := config(t, ca, server.address)
		c.PasswordFile = writeFile(t, "machine.secret", "yesterday's")
		_, err := Marked(t.Context(), c, suspended)
		require.ErrorIs(t, err, ErrBadPassword)
		assert.ErrorContains(t, err, "cannot read the marked accounts from LDAP")
	})
}

func TestMarksThatAreNone(t *testing.T) {
	for says, m := range map[string]Mark{
		"neither an attribute nor a group":              {ReasonAttribute: "description"},
		`no value given of the attribute suspended`:     {Attribute: "suspended", Group: clerks},
		`"TRUE\x00" is not a value`:                     {Attribute: "suspended", Value: "TRUE\x00"},
		`"a)(uid" is not the name of an attribute`:      {Attribute: "a)(uid", Value: "TRUE"},
		`"a;binary" is not the name of an attribute`:    {Attribute: "a;binary", Value: "TRUE"},
		`"2.5.4.3" is not the name of an attribute`:     {Attribute: "2.5.4.3", Value: "TRUE"},
		`"why\n" is not the name of an attribute`:       {Attribute: "a", Value: "TRUE", ReasonAttribute: "why\n"},
		`"*" is not the name of an attribute`:           {Attribute: "a", Value: "TRUE", ReasonAttribute: "*"},
		`"clerks" is not the DN of a group`:             {Group: "clerks"},
		`"cn=a\"b\x00,dc=my+" is not the DN of a group`: {Group: "cn=a\"b\x00,dc=my+"},
	} {
		_, err := Marked(t.Context(), Config{}, m)
		require.ErrorContains(t, err, says)
		_, err = MarkedInLDIF(strings.NewReader(""), m)
		require.ErrorContains(t, err, says)
	}
}

// ldapsearch writes memberOf only when it is asked for; the entry of the group lists its members.
func TestMarkedInLDIFWithoutMemberOf(t *testing.T) {
	without := strings.ReplaceAll(marks, "memberOf: ", "description: ")
	found, err := MarkedInLDIF(strings.NewReader(without), Mark{Group: clerks})
	require.NoError(t, err)
	assert.Equal(t, []identity.Account{{UID: "member", Primary: "member@company.my"}}, found)
}

func TestGroup(t *testing.T) {
	t.Parallel()
	ca := newAuthority(t)
	twice := "\ndn: cn=elsewhere," + base + "\nobjectClass: applicationProcess\ncn: elsewhere\n"
	for _, container := range []string{"", "cn=elsewhere,"} {
		twice += group("cn=twins,"+container+base, "twins", "uniqueMember: "+base)
	}
	server := startSlapd(t, ca, marks+twice, settings{schema: markSchema})
	ldif := slapcat(t, server)
	for sentence, c := range map[string]struct {
		name, want, says string
		none             bool
	}{
		"a name":                            {name: "clerks", want: clerks},
		"a name in capitals":                {name: "CLERKS", want: clerks},
		"a DN":                              {name: clerks, want: clerks},
		"a DN in other capitals and blanks": {name: "CN=Clerks, dc=Company, dc=MY", want: clerks},
		"a name with everything in it":      {name: oddName, want: `cn=a\2Cb) (uid\3D*\5C,` + base},
		"its DN":                            {name: odd, want: `cn=a\2Cb) (uid\3D*\5C,` + base},
		"two groups of one name":            {name: "twins", says: "several groups have this name: cn=twins,cn=elsewhere," + base + "; cn=twins," + base},
		"one of these by its DN":            {name: "cn=twins,cn=elsewhere," + base, want: "cn=twins,cn=elsewhere," + base},
		"no such name":                      {name: "nobody", none: true},
		"no such DN":                        {name: "cn=nobody," + base, none: true},
		"a DN outside":                      {name: "cn=clerks,dc=elsewhere", none: true},
		"the DN of something else":          {name: machine, none: true},
		"the name of something else":        {name: "mail", none: true},
		"a star":                            {name: "*", none: true},
		"brackets":                          {name: "clerks)(cn=*", none: true},
		"a NUL":                             {name: "clerks\x00", none: true},
		"a line break":                      {name: "clerks\nuid: boss", none: true},
		"%s":                                {name: "%s", none: true},
		"nothing":                           {name: "", none: true},
	} {
		t.Run(sentence, func(t *testing.T) {
			overLDAP, err := Group(t.Context(), config(t, ca, server.address), c.name)
			fromFile, err2 := GroupInLDIF(strings.NewReader(ldif), c.name)
			for _, err := range []error{err, err2} {
				switch {
				case c.none:
					require.ErrorIs(t, err, ErrNoGroup)
				case c.says != "":
					require.ErrorContains(t, err, c.says)
				default:
					require.NoError(t, err)
				}
			}
			for _, dn := range []string{overLDAP, fromFile} {
				assert.True(t, sameDN(c.want, dn), "%q, not %q", dn, c.want)
			}
		})
	}
	t.Run("a wrong password is not a missing group", func(t *testing.T) {
		c := config(t, ca, server.address)
		c.PasswordFile = writeFile(t, "machine.secret", "yesterday's")
		_, err := Group(t.Context(), c, "clerks")
		require.ErrorIs(t, err, ErrBadPassword)
		require.NotErrorIs(t, err, ErrNoGroup)
	})
}

func TestLists(t *testing.T) {
	t.Parallel()
	ca := newAuthority(t)
	list := func(cn, address string) string {
		return "\ndn: cn=" + cn + "," + base + "\nobjectClass: univentionMailList\ncn: " + cn + "\nmailPrimaryAddress: " + address + "\n"
	}
	server := startSlapd(t, ca, people+list("team", "Team@company.my")+list("quoted", "two words@company.my")+
		list("pattern", "*)(uid=*@company.my")+list("no-at", "nobody")+list("no-local", "@company.my")+list("no-domain", "list@")+list("odd-domain", "list@[10.1.1.1]")+
		"\ndn: cn=silent,"+base+"\nobjectClass: univentionMailList\ncn: silent\n"+
		group("cn=office,"+base, "office", "mailPrimaryAddress: office@company.my", "uniqueMember: "+base)+
		group("cn=quiet,"+base, "quiet", "uniqueMember: "+base), settings{schema: markSchema})
	want := []List{
		{"pattern", "*)(uid=*@company.my"},
		{"office", "office@company.my"},
		{"team", "Team@company.my"},
		{"quoted", "two words@company.my"},
	}
	found, err := Lists(t.Context(), config(t, ca, server.address))
	require.NoError(t, err)
	assert.Equal(t, want, found)
	for _, ldif := range []string{slapcat(t, server), ldapsearch(t, ca, server, "(mailPrimaryAddress=*)", "objectClass", "cn", "mailPrimaryAddress")} {
		found, err := ListsInLDIF(strings.NewReader(ldif))
		require.NoError(t, err)
		assert.Equal(t, want, found)
	}
	_, err = Lists(t.Context(), config(t, ca, freeAddress(t)))
	require.ErrorIs(t, err, ErrUnreachable)
}

func TestLookupOfThousands(t *testing.T) {
	t.Parallel()
	ca := newAuthority(t)
	entries := people
	var names []string
	for i := range 3000 {
		entries += person(fmt.Sprintf("user-%04d", i), fmt.Sprintf("User-%04d@company.my", i))
		// The two names of one user come in different batches; names that no user has are between them.
		names = append(names, fmt.Sprintf("user-%04d", i), fmt.Sprintf("nobody-%04d@company.my", i), fmt.Sprintf("USER-%04d@company.my", (i+1500)%3000))
	}
	server := startSlapd(t, ca, entries, settings{schema: mailSchema, indexed: true})
	begin := time.Now()
	found, err := Lookup(t.Context(), config(t, ca, server.address), names...)
	require.NoError(t, err)
	assert.Less(t, time.Since(begin), 10*time.Second, "%d names", len(names))
	require.Len(t, found, 3000, "each once")
	assert.Equal(t, identity.Account{UID: "user-0000", Primary: "User-0000@company.my", DN: "uid=user-0000,dc=company,dc=my"}, found[0])

	fromFile, err := LookupInLDIF(strings.NewReader(slapcat(t, server)), names...)
	require.NoError(t, err)
	assert.Equal(t, found, fromFile)
}
