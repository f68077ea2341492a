// Package cli_test runs the commands, with good input and bad, on the lab's mail server. The tests are scripts:
// testdata/commands and testdata/bad. The first line of a script says what it guards. Each script begins on a freshly
// installed server.
//
// Besides the commands of testscript, a script has:
//
//	mail PROGRAM ARG…           run a program on the mail server; its exit status must be 0
//	outside PROGRAM ARG…        the same on the stranger's host
//	terminal PROGRAM ARG…       the same as mail, on a terminal
//	answer WORD PROGRAM ARG…    the same as terminal, and answer the program's question with WORD; several questions with
//	                            WORD|WORD; Enter is an empty line, ^C interrupts the program, ^D ends the input,
//	                            !COMMAND runs a shell command and then answers no
//	exit N mail|… …             any of these; the exit status must be N. An error of ucs-harden is judged as well
//	ucr ARG…                    ucr on the mail server; makes its files so old that Postfix does not wait for them
//	replace PATH FILE [MODE]    replace a file of the mail server by a file of the script
//	hide PATH                   hide a file until the script ends
//	down SERVICE…               stop services of the lab until the script ends
//	directory FILE              change LDAP as the LDIF says
//	full DIR                    make a folder a disk of its own that has no byte free, until the script ends
//	snapshot, unchanged         remember /etc/postfix, /etc/univention, /var/lib/ucs-harden; compare them. What was read of the
//	                            mail log, and how the last sync ended, is left out
//	completes SHELL LINE TEXT…	type LINE in bash, zsh or fish, press Tab, and wait until the screen has all these texts
//	old                         make Postfix's files a minute old, so that its tools need not wait
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
	s.InstallProgram(t, "-race", "-tags", "faults") // with a clock that scripts can set
	s.keep(t)
	t.Run("commands", func(t *testing.T) { s.scripts(t, "testdata/commands") })
	t.Run("bad input", func(t *testing.T) { s.scripts(t, "testdata/bad") })
	t.Run("the documents", func(t *testing.T) {
		t.Run("examples", s.documents)
		t.Run("calls", s.calls)
		t.Run("log lines", s.logLines)
	})
}

// server is the lab. Its mail server can be reset.
type server struct{ *lab.Lab }

// unwatched is where commands keep what they have read of the mail log, and how the last sync ended.
var unwatched = []string{"/var/lib/ucs-harden/evidence", "/var/lib/ucs-harden/sync.json"}

// watched are the folders that an error must not change.
var watched = []string{"/etc/postfix", "/etc/univention", "/var/lib/ucs-harden"}

// keep copies the state of the fresh server.
func (s *server) keep(t *testing.T) {
	t.Helper()
	s.UCR(t, "set", "mail/x=1")
	s.UCR(t, "unset", "mail/x") // a registry that has been written to has a lock file and a backup
	require.NoError(t, s.BackdatePostfix())
	s.sh(t, "mkdir -p /root/fresh && cp -a /etc/postfix /etc/univention /etc/machine.secret /root/fresh/")
}

// fresh restores the copy.
func (s *server) fresh(t testing.TB) {
	t.Helper()
	s.sh(t, `
rm -rf /var/lib/ucs-harden
mkdir -m 700 /var/lib/ucs-harden
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

// scripts runs the scripts of a folder one after another, because they share the server.
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

// oneByOne is a testing.T for testscript that does not run its scripts in parallel.
type oneByOne struct{ *testing.T }

func (oneByOne) Parallel()     {}
func (oneByOne) Verbose() bool { return testing.Verbose() }

func (t oneByOne) Run(name string, f func(testscript.T)) {
	t.T.Run(strings.TrimSuffix(name, ".txtar"), func(t *testing.T) { f(oneByOne{t}) })
}
