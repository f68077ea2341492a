package cli_test

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ucs-harden/tests/documents"
	"ucs-harden/tests/lab"
)

// logged are messages that the controls log in mode warn and refuse in mode enforce, with the host they come from.
var logged = []struct {
	what, from string
	args       []string
}{
	{"a stranger writes as the boss", "outside", letter("boss@company.my", "employee@company.my")},
	{"a scanner writes with an exception", "outside", letter("scan@company.my", "employee@company.my")},
	{"a stranger writes to the staff", "outside", letter("me@foreign.example", "staff@company.my")},
	{"a stranger writes to the office, which takes mail from the boss", "outside", letter("me@foreign.example", "office@company.my")},
	{"a stranger writes to the office as the boss", "outside", letter("boss@company.my", "office@company.my")},
	{"a domain controller writes as somebody elsewhere", "dc2", letter("me@foreign.example", "you@foreign.example")},
	{"the intern writes outside", "inside", withLogin("intern", "intern@company.my", "you@foreign.example")},
	{"the intern's sender writes outside", "mail", letter("intern@company.my", "you@foreign.example")},
	{"a suspended account logs in", "inside", withLogin("full", "full@company.my", "employee@company.my")},
	{"a suspended account's sender writes", "mail", letter("full@company.my", "employee@company.my")},
	{"the employee writes as the boss", "inside", withLogin("employee", "boss@company.my", "you@foreign.example")},
	{"the boss does not log in on 587", "inside", noLogin("boss@company.my", "employee@company.my")},
	{"nobody logs in on 587", "inside", noLogin("me@foreign.example", "employee@company.my")},
	{"the employee writes to a domain that does not exist", "inside", withLogin("employee", "employee@company.my", "x@nowhere.example")},
}

func letter(from, to string) []string { return []string{"--from", from, "--to", to} }

func withLogin(login, from, to string) []string {
	return append(lab.SwaksLogin(login), letter(from, to)...)
}

func noLogin(from, to string) []string {
	return append([]string{"--port", "587", "--tls"}, letter(from, to)...)
}

// logLines compares the log lines in the documents with those of a real Postfix, in mode warn and in mode enforce.
func (s *server) logLines(t *testing.T) {
	s.fresh(t)
	s.sh(t, `: >/var/log/mail.log
export GORACE=atexit_sleep_ms=0
ucs-harden allow scanner --client 203.0.113.66 --sender scan@company.my --reason scanner
ucs-harden restrict add intern
ucs-harden suspend add full --reason "password was phished"
ucs-harden protect add staff@company.my
ucs-harden protect add office@company.my --senders boss@company.my`)
	for _, mode := range []string{"warn", "enforce"} {
		s.UCR(t, "set", "mail/harden/relay/foreign-sender/mode="+mode)
		s.sh(t, "GORACE=atexit_sleep_ms=0 ucs-harden apply --no-evidence --mode "+mode+" --yes --no-rehearsal")
		for _, l := range logged {
			s.Swaks(t, l.from, l.args...)
		}
	}
	pages, err := documents.Public("../..")
	require.NoError(t, err)
	shown := map[string]string{}
	for _, page := range pages {
		for _, block := range page.Blocks {
			for line := range strings.Lines(block.Text) {
				if block.Info == "log" {
					shown[process.ReplaceAllString(strings.TrimSpace(line), "[]")] = page.Path
				}
			}
		}
	}
	require.NotEmpty(t, shown)
	last := logged[len(logged)-1].args[len(logged[len(logged)-1].args)-1]
	s.WaitFor(t, "the log of the last message", func() bool {
		return strings.Contains(s.MailLog(), "<"+last+">: Recipient address rejected")
	})
	real := map[string]bool{}
	for line := range strings.Lines(s.MailLog()) {
		if _, text, found := strings.Cut(line, " mail "); found {
			real[process.ReplaceAllString(strings.TrimSpace(text), "[]")] = true
		}
	}
	for _, line := range slices.Sorted(maps.Keys(shown)) {
		assert.True(t, real[line], "%s shows a line that Postfix does not log:\n%s", shown[line], line)
	}
}

// process is the number of a process, as in "postfix/smtpd[28234]: ".
var process = regexp.MustCompile(`\[\d+\]`)
