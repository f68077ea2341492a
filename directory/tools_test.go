package directory

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"ucs-harden/internal/run"
)

// slapcat returns the whole directory as LDIF.
func slapcat(t *testing.T, s slapd) string {
	t.Helper()
	result, err := run.System{}.Run(t.Context(), run.Cmd{Argv: []string{"slapcat", "-f", s.conf}})
	require.NoError(t, err)
	return string(result.Stdout)
}

// ldapsearch returns the output of univention-ldapsearch, which calls ldapsearch with these options. It accepts exit
// code 4, which means that a size limit was reached.
func ldapsearch(t *testing.T, ca authority, s slapd, args ...string) string {
	t.Helper()
	result, err := run.System{}.Run(t.Context(), run.Cmd{
		Argv: append([]string{"ldapsearch", "-ZZ", "-x", "-H", "ldap://" + s.address, "-D", machine, "-w", password, "-b", base}, args...),
		Env:  []string{"LDAPTLS_CACERT=" + ca.file},
	})
	var failed *run.Error
	if !errors.As(err, &failed) || failed.ExitCode != 4 {
		require.NoError(t, err)
	}
	return string(result.Stdout)
}
