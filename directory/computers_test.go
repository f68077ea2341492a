package directory

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ucs-harden/identity"
)

const computersLDIF = `dn: cn=mail2,cn=computers,dc=company,dc=my
objectClass: univentionHost
objectClass: univentionMemberServer
cn: mail2
associatedDomain: company.my
aRecord: 10.99.1.25
aAAARecord: fd99:1::25

dn: cn=dc2,cn=dc,cn=computers,dc=company,dc=my
objectClass: univentionDomainController
univentionObjectType: computers/domaincontroller_slave
cn: dc2
aRecord: 10.99.1.10

dn: cn=printer,cn=computers,dc=company,dc=my
objectClass: univentionHost
univentionObjectType: computers/ipmanagedclient
cn: printer
aRecord: 10.99.1.60

dn: cn=nowhere,cn=computers,dc=company,dc=my
objectClass: univentionHost
cn: nowhere

dn: relativeDomainName=printer,zoneName=company.my,cn=dns,dc=company,dc=my
objectClass: dNSZone
aRecord: 10.99.1.60
`

func TestComputers(t *testing.T) {
	got, err := ComputersFromLDIF(strings.NewReader(computersLDIF))
	require.NoError(t, err)
	assert.Equal(t, []identity.Host{
		{Name: "dc2", DN: "cn=dc2,cn=dc,cn=computers,dc=company,dc=my", Type: "computers/domaincontroller_slave", Addresses: addresses("10.99.1.10")},
		{
			Name: "mail2.company.my", DN: "cn=mail2,cn=computers,dc=company,dc=my", Type: "computers/memberserver",
			Addresses: addresses("10.99.1.25", "fd99:1::25"),
		},
		{Name: "printer", DN: "cn=printer,cn=computers,dc=company,dc=my", Type: "computers/ipmanagedclient", Addresses: addresses("10.99.1.60")},
	}, got, "hosts with an address; entries of the DNS are none")
}
