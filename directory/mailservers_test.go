package directory

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ucs-harden/identity"
)

const serviceSchema = `
attributetype ( 1.3.6.1.4.1.10176.99.2 NAME 'univentionService' EQUALITY caseIgnoreMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 )
objectclass ( 1.3.6.1.4.1.10176.99.3 NAME 'univentionHost' SUP top AUXILIARY MAY ( univentionService $ aRecord $ aAAARecord ) )
objectclass ( 1.3.6.1.4.1.10176.99.4 NAME 'univentionMemberServer' SUP top STRUCTURAL MUST cn MAY associatedDomain )
`

// services are hosts of company: a domain controller and a member server with mail, and one of each without.
const services = `
dn: cn=mail1,cn=computers,dc=company,dc=my
objectClass: univentionDomainController
objectClass: univentionHost
cn: mail1
associatedDomain: company.my
univentionService: LDAP
univentionService: SMTP
aRecord: 10.99.1.61

dn: cn=mail2,cn=computers,dc=company,dc=my
objectClass: univentionMemberServer
objectClass: univentionHost
cn: mail2
associatedDomain: company.my
univentionService: smtp
aRecord: 10.99.1.62
aRecord: 127.0.0.1
aAAARecord: fd99:1::62

dn: cn=files,cn=computers,dc=company,dc=my
objectClass: univentionMemberServer
objectClass: univentionHost
cn: files
univentionService: SMTP-Archive
aRecord: 10.99.1.63
`

func TestMailServers(t *testing.T) {
	t.Parallel()
	ca := newAuthority(t)
	s := startSlapd(t, ca, company+services, settings{schema: serviceSchema})
	want := []identity.Host{
		{Name: "mail1.company.my", DN: "cn=mail1,cn=computers," + base, Addresses: addresses("10.99.1.61")},
		{Name: "mail2.company.my", DN: "cn=mail2,cn=computers," + base, Addresses: addresses("10.99.1.62", "fd99:1::62"), Invalid: []string{"127.0.0.1"}},
	}

	t.Run("domain controllers and member servers with the service SMTP", func(t *testing.T) {
		found, err := MailServers(t.Context(), config(t, ca, s.address))
		require.NoError(t, err)
		assert.Equal(t, want, found)
	})
	t.Run("the same from LDIF", func(t *testing.T) {
		found, err := MailServersFromLDIF(strings.NewReader(slapcat(t, s)))
		require.NoError(t, err)
		assert.Equal(t, want, found)
	})
	t.Run("there may be none", func(t *testing.T) {
		found, err := MailServersFromLDIF(strings.NewReader(company))
		require.NoError(t, err)
		assert.Empty(t, found)
	})
	t.Run("a server that is down is an error, not an empty answer", func(t *testing.T) {
		_, err := MailServers(t.Context(), config(t, ca, freeAddress(t)))
		require.ErrorIs(t, err, ErrUnreachable)
		require.ErrorContains(t, err, "cannot read the mail servers from LDAP")
	})
}
