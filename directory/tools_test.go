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

// ldapsearch returns what univention-ldapsearch, which is ldapsearch with these
// options, prints. Exit code 4 is its word for a size limit.
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
