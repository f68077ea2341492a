// Package faults_test checks two promises of the real program on a real mail server:
//
//   - servable: an smtpd(8) that starts at any moment finds a configuration that works;
//   - old or new: whatever fails, and whenever the program is killed, the mail server is afterwards in the old state
//     or in the new one, or there is a journal and "ucs-harden recover" restores the old state.
//
// The program is built with the tag faults: after every step and before every program it asks the test how to continue
// (cmd/ucs-harden/faults_on.go). The tests in transaction/ have more cases and no mail server.
package faults_test

import (
	"bufio"
	"fmt"
	"maps"
	"net"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"ucs-harden/tests/lab"
)

// company is a lab whose mail server has ucs-harden.
type company struct {
	*lab.Lab
	// afterStep and beforeProgram answer the questions of the program; nil answers "go".
	afterStep, beforeProgram atomic.Pointer[func(question string) string]
}

func newCompany(t *testing.T, options ...lab.Options) *company {
	t.Helper()
	c := &company{Lab: lab.New(t, options...)}
	c.InstallProgram(t, "-tags=faults")
	// The first `ucr set` leaves base.conf.lock and .bak behind. An installed server has had a `ucr set`.
	c.UCR(t, "set", "server/role=domaincontroller_master")
	// The lists have entries, so that there are tables, restriction classes, and tables that name restriction classes.
	c.UCR(t, "set", "mail/harden/suspended/account/full/account=full", "mail/harden/local-only/account/clerk/account=clerk",
		"mail/harden/protected/list/staff/address=staff@company.my", "mail/harden/protected/list/office/address=office@company.my",
		"mail/harden/protected/list/office/variant=senders", "mail/harden/protected/list/office/senders=foreign.example")
	answer(t, c.Path("/run/steps"), func(step string) string { return ask(&c.afterStep, step) })
	answer(t, c.Path("/run/programs"), func(program string) string {
		words, _, _ := strings.Cut(program, " hash:") // a temporary name
		return ask(&c.beforeProgram, words)
	})
	return c
}

func ask(how *atomic.Pointer[func(string) string], question string) string {
	if f := how.Load(); f != nil {
		return (*f)(question)
	}
	return "go"
}

// answer answers what is asked on a socket, until the test ends.
func answer(t *testing.T, path string, how func(question string) string) {
	t.Helper()
	listener, err := net.Listen("unix", path)
	require.NoError(t, err)
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return // closed
			}
			go func() {
				defer conn.Close()
				question, err := bufio.NewReader(conn).ReadString('\n')
				if err != nil {
					return // the program is dead
				}
				_, _ = fmt.Fprintln(conn, how(strings.TrimSpace(question))) // likewise
			}()
		}
	}()
}

// during answers with f while run runs.
func during(how *atomic.Pointer[func(string) string], f func(string) string, run func()) {
	how.Store(&f)
	defer how.Store(nil)
	run()
}

// killed is the exit code of a program that kill -9 has ended.
const killed = 137

// harden runs ucs-harden as if the last change of the files was long ago; the exit code must be one of these.
func (c *company) harden(t *testing.T, arguments string, codes ...int) lab.Result {
	t.Helper()
	require.NoError(t, c.BackdatePostfix())
	argv := []string{"env", "UCS_HARDEN_STEP_SOCKET=/run/steps", "UCS_HARDEN_PROGRAM_SOCKET=/run/programs", "ucs-harden"}
	result, err := c.Mail().Run(t.Context(), append(argv, strings.Fields(arguments)...)...)
	require.NoError(t, err)
	require.True(t, slices.Contains(codes, result.Code), "ucs-harden %s: exit code %d\n%s%s", arguments, result.Code, result.Stdout, result.Stderr)
	return result
}

const masterCF = "/etc/postfix/master.cf"

// compiled are the compiled tables of a snapshot.
func compiled(s lab.Snapshot) []string {
	return slices.DeleteFunc(slices.Collect(maps.Keys(s)), func(path string) bool {
		return !strings.HasPrefix(path, "/etc/postfix/") || !strings.HasSuffix(path, ".db")
	})
}

// state is a snapshot, and the meaning of the files that can differ byte by byte though the state is the same: UCR
// writes the overrides of master.cf in random order, and Berkeley DB gives compiled tables a random ID.
type state struct {
	lab.Snapshot
	master, entries string
}

func (c *company) state(t *testing.T) state {
	t.Helper()
	s := state{Snapshot: c.Configuration(t)}
	content, err := c.Mail().ReadFile(masterCF)
	require.NoError(t, err)
	lines := strings.Split(string(content), "\n")
	for i, line := range lines {
		parts := strings.Split(line, " -o ")
		slices.Sort(parts[1:])
		lines[i] = strings.Join(parts, " -o ")
	}
	s.master = strings.Join(lines, "\n")
	files := compiled(s.Snapshot)
	slices.Sort(files)
	for _, file := range files {
		require.NoError(t, c.BackdatePostfix())
		result, err := c.Mail().Run(t.Context(), "postmap", "-s", "hash:"+strings.TrimSuffix(file, ".db"))
		require.NoError(t, err)
		require.Zero(t, result.Code, result.Stderr)
		entries := strings.Split(result.Stdout, "\n")
		slices.Sort(entries)
		s.entries += file + ":" + strings.Join(entries, "\n")
	}
	return s
}

// mustBe compares byte by byte, mode and owner included.
func (c *company) mustBe(t *testing.T, want state) {
	t.Helper()
	require.Empty(t, want.Diff(c.Configuration(t)))
	_, err := c.Mail().ReadFile("/var/lib/ucs-harden/journal.json")
	require.Error(t, err, "the journal is still there")
}

// mustMean compares with a state that was reached in another run.
func (c *company) mustMean(t *testing.T, want state) {
	t.Helper()
	now := c.state(t)
	drop := append(compiled(want.Snapshot), masterCF)
	require.Empty(t, want.Without(drop...).Diff(now.Without(append(drop, compiled(now.Snapshot)...)...)))
	require.Equal(t, want.master, now.master)
	require.Equal(t, want.entries, now.entries)
}
