// Package cli_test runs the commands on the lab's mail server, good input and bad, as scripts: testdata/commands and
// testdata/bad. The first line of a script says what it guards. Each begins on a freshly installed server.
//
// Beside the commands of testscript a script has:
//
//	mail PROGRAM ARG…           run a program on the mail server; its exit status must be 0
//	outside PROGRAM ARG…        the same on the stranger's host
//	terminal PROGRAM ARG…       the same as mail, on a terminal
//	answer WORD PROGRAM ARG…    the same, and answer its question; ^C interrupts there, ^D ends the input,
//	                            !COMMAND runs a command of the shell before it says no
//	exit N mail|… …             any of these; the exit status must be N. Of ucs-harden, the error is judged as well
//	ucr ARG…                    ucr on the mail server, followed by nothing that Postfix would wait for
//	replace PATH FILE [MODE]    put a file of the script in a place of the mail server
//	hide PATH                   take a file away until the script ends
//	down SERVICE…               stop services of the lab until the script ends
//	directory FILE              change LDAP as the LDIF says
//	full DIR                    leave no byte free in a folder, which becomes a disk of its own, until the script ends
//	snapshot, unchanged         remember /etc/postfix, /etc/univention and /var/lib/ucs-harden; they are as remembered
//	old                         let Postfix's files look a minute old, so that its tools need not wait
package cli_test

import (
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/stretchr/testify/require"

	"ucs-harden/tests/lab"
)

func TestTheCommandLine(t *testing.T) {
	s := &server{Lab: lab.New(t)}
	s.InstallProgram(t, "-race")
	s.keep(t)
	t.Run("commands", func(t *testing.T) { s.scripts(t, "testdata/commands") })
	t.Run("bad input", func(t *testing.T) { s.scripts(t, "testdata/bad") })
	t.Run("the README tells the truth", s.readme)
}

// server is the lab, whose mail server can be set back.
type server struct{ *lab.Lab }

// watched is what an error must leave as it was.
var watched = []string{"/etc/postfix", "/etc/univention", "/var/lib/ucs-harden"}

// keep takes a copy of the fresh server.
func (s *server) keep(t *testing.T) {
	t.Helper()
	s.UCR(t, "set", "mail/x=1")
	s.UCR(t, "unset", "mail/x") // a registry that has been written to has a lock file and a copy
	require.NoError(t, s.BackdatePostfix())
	s.sh(t, "mkdir -p /root/fresh && cp -a /etc/postfix /etc/univention /etc/machine.secret /root/fresh/")
}

// fresh puts the copy back.
func (s *server) fresh(t testing.TB) {
	t.Helper()
	s.sh(t, `
rm -rf /var/lib/ucs-harden
find /etc/postfix /etc/univention -mindepth 1 -delete
cp -a /root/fresh/postfix /root/fresh/univention /root/fresh/machine.secret /etc/
postfix status 2>/dev/null && postfix reload 2>/dev/null || true`)
}

func (s *server) sh(t testing.TB, script string) {
	t.Helper()
	result, err := s.Mail().Run(t.Context(), "sh", "-ec", script)
	require.NoError(t, err)
	require.Zero(t, result.Code, "%s%s", result.Stdout, result.Stderr)
}

// scripts runs the scripts of a folder one after another: they share the server.
func (s *server) scripts(t *testing.T, dir string) {
	testscript.RunT(oneByOne{t}, testscript.Params{
		Dir:                 dir,
		RequireExplicitExec: true,
		Setup: func(env *testscript.Env) error {
			s.fresh(t)
			env.Values[snapshotKey{}] = new(lab.Snapshot)
			return nil
		},
		Cmds: s.commands(t),
	})
}

// oneByOne is a testing.T for testscript that does not run scripts in parallel.
type oneByOne struct{ *testing.T }

func (oneByOne) Parallel()     {}
func (oneByOne) Verbose() bool { return testing.Verbose() }

func (t oneByOne) Run(name string, f func(testscript.T)) {
	t.T.Run(strings.TrimSuffix(name, ".txtar"), func(t *testing.T) { f(oneByOne{t}) })
}
