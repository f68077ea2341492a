package lab

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// ChangeDirectory changes the directory of the mail server as its administrator: records of LDIF with a changetype
// (ldapmodify(1)). The directory of dc2 does not change.
func (l *Lab) ChangeDirectory(t testing.TB, changes string) {
	t.Helper()
	result, err := l.Mail().RunInput(t.Context(), strings.TrimSpace(changes)+"\n",
		"env", "LDAPTLS_CACERT=/etc/univention/ssl/ucsCA/CAcert.pem",
		"ldapmodify", "-x", "-ZZ", "-H", "ldap://mail.company.my:7389", "-D", "cn=admin,dc=company,dc=my", "-w", "lab-admin")
	require.NoError(t, err)
	require.Zero(t, result.Code, "%s\n%s", changes, result.Stderr)
}
