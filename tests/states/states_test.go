// Package states_test runs every command in every state of a mail server that it knows, and compares what the words say with
// what is: with the replies that swaks gets, with what postconf prints, and with the files.
package states_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"ucs-harden/tests/lab"
)

// state is a state of the server.
type state struct {
	begin func(t *testing.T, s *server)
	// runs is the mode of sender-spoofing in Postfix.
	runs string
	// down: Postfix is not running. silent: the directory does not answer.
	down, silent bool
}

func after(commands ...string) func(*testing.T, *server) {
	return func(t *testing.T, s *server) {
		for _, c := range commands {
			s.harden(t, c)
		}
	}
}

const (
	applyWarn    = "apply --yes --no-rehearsal --no-evidence --mode warn"
	applyEnforce = "apply --yes --no-rehearsal --no-evidence --mode enforce"
)

var states = map[string]state{
	"never applied": {runs: "off"},
	"warn":          {runs: "warn", begin: after(applyWarn)},
	"enforce":       {runs: "enforce", begin: after(applyWarn, applyEnforce)},
	"mixed": {runs: "enforce", begin: func(t *testing.T, s *server) {
		s.UCR(t, "set", "mail/harden/sender-spoofing/mode=enforce", "mail/harden/relay/mode=off")
		after(applyWarn)(t, s)
	}},
	"an account is stopped": {runs: "off", begin: after("suspend add boss --now")},
	"an apply waits":        {runs: "enforce", begin: after(applyEnforce + " --confirm-within 30m")},
	"not confirmed, and taken back": {runs: "off", begin: func(t *testing.T, s *server) {
		after(applyEnforce+" --confirm-within 1s")(t, s)
		s.WaitFor(t, "the apply to be taken back", func() bool {
			_, err := s.Mail().ReadFile("/var/lib/ucs-harden/journal.json")
			return err != nil
		})
	}},
	"rolled back": {runs: "warn", begin: after(applyWarn, applyEnforce, "rollback --yes")},
	"drift": {runs: "off", begin: func(t *testing.T, s *server) {
		after(applyEnforce)(t, s)
		s.UCR(t, "unset", "mail/postfix/smtpd/restrictions/recipient/50-ucs-harden")
		s.Must(t, "postfix", "reload")
	}},
	"a table is gone": {runs: "enforce", begin: func(t *testing.T, s *server) {
		after(applyEnforce)(t, s)
		s.Must(t, "rm", "/etc/postfix/ucs-harden/local-only-senders.db")
	}},
	"the ledger is lost": {runs: "enforce", begin: func(t *testing.T, s *server) {
		after(applyEnforce)(t, s)
		s.Must(t, "rm", "-r", "/var/lib/ucs-harden")
	}},
	"the directory does not answer": {runs: "enforce", silent: true, begin: func(t *testing.T, s *server) {
		after(applyEnforce)(t, s)
		require.NoError(t, s.Stop(t.Context(), lab.Slapd))
	}},
	"Postfix is not running": {runs: "enforce", down: true, begin: func(t *testing.T, s *server) {
		after(applyEnforce)(t, s)
		require.NoError(t, s.Stop(t.Context(), lab.Postfix))
	}},
}

// reading are the commands that change nothing in any state, writing are the others.
var (
	reading = []string{
		"status", "status --check", "status --json", "plan", "plan --json", "plan --mode off", "history", "history --json",
		"suspend list", "restrict list --json", "protect list", "send-as list", "exceptions", "rollback --dry-run",
		"check --from intern@company.my --to clerk@company.local --client 203.0.113.66",
		"suspend remove nobody", "rollback 20200101T000000Z-00000000", "apply --mode bogus", "suspend add boss --expires never",
	}
	writing = []string{
		"sync", applyWarn, applyEnforce, "apply --yes --no-rehearsal --mode off --all", "rollback --yes", "confirm", "recover",
		"suspend add employee --now", "suspend remove boss --now", "restrict add boss", "protect add office@company.my --now",
	}
)

func TestEveryCommandInEveryState(t *testing.T) {
	names := sortedKeys(states)
	for part := range 2 {
		t.Run([]string{"some", "others"}[part], func(t *testing.T) {
			t.Parallel()
			s := newServer(t)
			for i, name := range names {
				if i%2 == part {
					t.Run(name, func(t *testing.T) { s.everyCommand(t, states[name]) })
				}
			}
		})
	}
}

func (s *server) everyCommand(t *testing.T, st state) {
	fresh := s.save(t, "fresh")
	s.before = s.meaning(t)
	if st.begin != nil {
		st.begin(t, s)
	}
	saved := s.save(t, "state")
	defer func() {
		// Postfix comes last: a queue manager that starts while its files are replaced dies, and master(8) waits a minute.
		for _, service := range s.stopped() {
			if service != lab.Postfix {
				require.NoError(t, s.Start(t.Context(), service))
			}
		}
		s.restore(t, fresh)
		require.NoError(t, s.Start(t.Context(), s.stopped()...))
	}()
	is := s.truth(t)
	is.mustRun(t, st.runs)
	for _, command := range reading {
		t.Run(command, func(t *testing.T) { s.compare(t, st, is, s.harden(t, command, any), false) })
	}
	for _, command := range writing {
		t.Run(command, func(t *testing.T) {
			defer s.restore(t, saved)
			s.compare(t, st, is, s.harden(t, command, any), true)
		})
	}
}
