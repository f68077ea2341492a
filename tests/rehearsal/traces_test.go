package rehearsal_test

import (
	"net/netip"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ucs-harden/privatepostfix"
	"ucs-harden/tests/lab"
)

// stranger is refused, and logged, on every port.
func stranger(port int) privatepostfix.Dialogue {
	return privatepostfix.Dialogue{Client: netip.MustParseAddr("203.0.113.66"), Helo: "office", Port: port, Sender: "me@foreign.example", Recipient: "you@foreign.example"}
}

// everything that a rehearsal could touch by mistake.
func (s server) everything(t *testing.T) lab.Snapshot {
	t.Helper()
	snapshot, err := s.Snapshot("/etc", "/var/spool", "/var/lib", "/var/log", "/var/mail", "/run", "/tmp")
	require.NoError(t, err)
	// The directory logs its queries. The mail log may not have one new line.
	return snapshot.Without("/var/log/syslog", "/var/lib/ldap-lab")
}

// A rehearsal with everything in it leaves the live configuration, queue, data and log as they are. It never
// listens in the network, and nothing of it remains.
func TestNothingIsTouched(t *testing.T) {
	s := newServer(t)
	before, listening := s.everything(t), s.listening(t)
	c := s.config(t)
	c.Main = replace(t, c.Main, "permit_sasl_authenticated,", "permit_sasl_authenticated, check_sender_access hash:/etc/postfix/senders,")
	c.Files = []privatepostfix.File{
		{Path: "/etc/postfix/senders", Type: "hash", Content: []byte("foreign.example REJECT 5.7.1 by the table\n")},
		{Path: "/etc/postfix/ldap.virtual", Content: s.file(t, "/etc/postfix/ldap.virtual")},
	}
	refused, accepted := stranger(25), stranger(25)
	refused.Recipient = "clerk@company.local" // a refused relay is put off before the table is asked
	accepted.Sender, accepted.Recipient = "me@other.example", "clerk@company.local"
	p := s.begin(t, input{Config: c, Dialogues: []privatepostfix.Dialogue{refused, accepted, stranger(465), stranger(587)}, Hold: true})
	out := p.read(t)
	require.Empty(t, out.Error)
	assert.Equal(t, "554 5.7.1 <me@foreign.example>: Sender address rejected: by the table", out.Replies[0].String())
	assert.True(t, out.Replies[1].Accepted(), out.Replies[1].String())
	assert.Empty(t, out.Complaints)

	require.Len(t, s.folders(t), 1)
	assert.ElementsMatch(t, listening, s.listening(t), "it listens nowhere in the network")
	s.onlyForPostfix(t, s.folders(t)[0])

	p.end(t)
	s.wantNothing(t)
	assert.Empty(t, before.Diff(s.everything(t)))
	assert.ElementsMatch(t, listening, s.listening(t))
}

func (s server) file(t *testing.T, path string) []byte {
	t.Helper()
	content, err := s.Mail().ReadFile(path)
	require.NoError(t, err)
	return content
}

// listening are the addresses at which the mail server takes TCP connections.
func (s server) listening(t *testing.T) []string {
	t.Helper()
	result, err := s.Mail().Run(t.Context(), "ss", "--no-header", "--listening", "--tcp", "--numeric")
	require.NoError(t, err)
	require.Zero(t, result.Code, result.Stderr)
	var all []string
	for line := range strings.Lines(result.Stdout) {
		all = append(all, strings.Fields(line)[3])
	}
	return all
}

// onlyForPostfix tries as nobody to read a table and to claim to be somebody else.
func (s server) onlyForPostfix(t *testing.T, folder string) {
	t.Helper()
	for what, command := range map[string]string{
		"list the folder":          "ls " + folder,
		"read a table":             "cat " + folder + "/files/senders",
		"read a compiled table":    "cat " + folder + "/files/senders.db",
		"read an LDAP map":         "cat " + folder + "/files/ldap.virtual",
		"read main.cf":             "cat " + folder + "/etc/main.cf",
		"see what is in the queue": "ls " + folder + "/queue/incoming",
		"connect to smtpd":         "swaks --socket " + folder + "/queue/private/smtpd-25 --quit-after CONNECT",
		"write to the log":         "logger --socket-errors=on --socket " + folder + "/queue/public/postlog x",
	} {
		result, err := s.Mail().Run(t.Context(), "sh", "-c", command)
		require.NoError(t, err)
		require.Zero(t, result.Code, "root can %s: %s", what, result.Stderr)
		result, err = s.Mail().Run(t.Context(), "setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups", "sh", "-c", command)
		require.NoError(t, err)
		assert.NotZero(t, result.Code, "nobody can %s: %s", what, result.Stdout)
	}
	snapshot, err := s.Snapshot(folder)
	require.NoError(t, err)
	assert.Equal(t, "0710", snapshot[folder].Mode)
	assert.Equal(t, "0440", snapshot[folder+"/files/ldap.virtual"].Mode)
}

// No process outlives the program, however the program ends. The next rehearsal removes what the program could not
// remove.
func TestNothingIsLeft(t *testing.T) {
	s := newServer(t)
	hold := input{Config: s.config(t), Dialogues: []privatepostfix.Dialogue{stranger(25), stranger(587)}, Hold: true}
	for name, end := range map[string]struct {
		names string // of the processes that get the signal
		sig   syscall.Signal
		swept bool // the folder remains until the next start
	}{
		"interrupted":                  {"ucs-harden", syscall.SIGINT, false},
		"terminated":                   {"ucs-harden", syscall.SIGTERM, false},
		"killed":                       {"ucs-harden", syscall.SIGKILL, true},
		"killed together with timeout": {"ucs-harden timeout", syscall.SIGKILL, true},
	} {
		t.Run(name, func(t *testing.T) {
			p := s.begin(t, hold)
			require.Empty(t, p.read(t).Error)
			require.Len(t, s.folders(t), 1)
			// master, three smtpd, tlsmgr …: there is something to end.
			require.Greater(t, len(s.processes(t)), 4)

			s.signal(t, end.sig, strings.Fields(end.names)...)
			err := p.cmd.Wait()
			require.Error(t, err, "it did not end by itself")
			if !end.swept {
				s.wantNothing(t)
				return
			}
			if end.names == "ucs-harden" {
				s.WaitFor(t, "the end of the private Postfix", func() bool { return len(s.processes(t)) == 0 })
			}
			require.Len(t, s.folders(t), 1)
			old := s.folders(t)[0]

			next := s.begin(t, hold)
			require.Empty(t, next.read(t).Error)
			require.Len(t, s.folders(t), 1)
			require.NotContains(t, s.folders(t), old)
			for _, line := range s.processes(t) {
				require.NotContains(t, line, old)
			}
			next.end(t)
			s.wantNothing(t)
		})
	}
}

// signal sends a signal to all processes of these names on the mail server.
func (s server) signal(t *testing.T, sig syscall.Signal, names ...string) {
	t.Helper()
	result, err := s.Mail().Run(t.Context(), append([]string{"pidof"}, names...)...)
	require.NoError(t, err)
	pids := strings.Fields(result.Stdout)
	require.Len(t, pids, len(names), result.Stdout)
	argv := append([]string{"kill", "-" + signalName(sig)}, pids...)
	result, err = s.Mail().Run(t.Context(), argv...)
	require.NoError(t, err)
	// One process may end because another one has ended, before it gets the signal.
	require.True(t, result.Code == 0 || strings.Contains(result.Stderr, "No such process"), result.Stderr)
}

func signalName(sig syscall.Signal) string {
	return map[syscall.Signal]string{syscall.SIGINT: "INT", syscall.SIGTERM: "TERM", syscall.SIGKILL: "KILL"}[sig]
}

// Several at a time do not sweep each other away.
func TestSideBySide(t *testing.T) {
	s := newServer(t)
	hold := input{Config: s.config(t), Dialogues: []privatepostfix.Dialogue{stranger(25)}, Hold: true}
	first := s.begin(t, hold)
	require.Empty(t, first.read(t).Error)
	second := s.begin(t, hold)
	require.Empty(t, second.read(t).Error)
	require.Len(t, s.folders(t), 2)
	first.end(t)
	require.Len(t, s.folders(t), 1)
	second.end(t)
	s.wantNothing(t)
}
