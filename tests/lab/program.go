package lab

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// InstallProgram puts on the mail server what the Debian package would: the program, built with these flags, and what
// lies in ucs/, registered with UCR. Tests of the package itself, and the demo, install the package.
func (l *Lab) InstallProgram(t testing.TB, flags ...string) {
	t.Helper()
	require.NoError(t, l.Install(Build(t, flags...)))
	require.NoError(t, l.Mail().CopyTree(filepath.Join(filepath.Dir(filepath.Dir(sourceDir())), "ucs")))
	l.UCR(t, "register", "ucs-harden")
	require.NoError(t, l.BackdatePostfix())
}
