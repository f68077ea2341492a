package lab

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// InstallProgram installs what the Debian package would install on the mail server: the program, built with these
// flags, and the files of ucs/, registered with UCR. Tests of the package itself, and the demo, install the package.
func (l *Lab) InstallProgram(t testing.TB, flags ...string) {
	t.Helper()
	require.NoError(t, l.Install(Build(t, flags...)))
	l.InstallTemplates(t)
}

// InstallTemplates puts on the mail server what lies in ucs/, and registers it with UCR.
func (l *Lab) InstallTemplates(t testing.TB) {
	t.Helper()
	require.NoError(t, l.Mail().CopyTree(shippedDir()))
	require.NoError(t, os.MkdirAll(l.Path("/etc/postfix/ucs-harden"), 0o700))
	l.UCR(t, "register", "ucs-harden")
	require.NoError(t, l.BackdatePostfix())
}

// Configuration is the state that must be old or new whatever went wrong: all layers of the registry, the whole
// configuration of Postfix, and the program's own record of its settings. Files that ucr leaves behind when it is
// killed (locks, backups, files that it had begun) do not belong to it; UCR overwrites them the next time.
func (l *Lab) Configuration(t testing.TB) Snapshot {
	t.Helper()
	s, err := l.Snapshot("/etc/postfix", "/etc/univention", "/var/lib/ucs-harden/ledger.json")
	require.NoError(t, err)
	for path := range s {
		if strings.HasSuffix(path, ".conf.lock") || strings.HasSuffix(path, ".conf.bak") ||
			strings.HasSuffix(path, ".temp") || strings.Contains(path, "__ucr__commit__") {
			delete(s, path)
		}
	}
	return s
}
