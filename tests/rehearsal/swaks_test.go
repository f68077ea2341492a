package rehearsal_test

import (
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ucs-harden/tests/lab"
)

// swaksAll lets swaks play those of the sessions that are in the sample, on their hosts with the live server. It returns
// the reply for each recipient, "" for those of the other sessions.
//
// One swaks takes about 90 ms of a processor, most of it for Perl to read it: a process for each of the 3 × 1,176
// cells would take 160 s on two. So one process plays a session, with all its recipients (RCPT after RCPT, every
// answer in the transcript): 3 × 196 processes, a sixth of that, and nothing is left to another client.
func (s server) swaksAll(t *testing.T, all []session, sample func(n int) bool) [][]string {
	t.Helper()
	replies := make([][]string, len(all))
	next := make(chan int)
	var workers sync.WaitGroup
	for range runtime.NumCPU() {
		workers.Go(func() {
			for n := range next {
				result, err := s.Host(all[n].host).Run(t.Context(), all[n].swaks()...)
				if assert.NoError(t, err) {
					replies[n] = answers(result.Stdout)
					assert.Len(t, replies[n], len(recipients), "%+v\n%s%s", all[n], result.Stdout, result.Stderr)
				}
			}
		})
	}
	for n := range all {
		if sample(n) {
			next <- n
		} else {
			replies[n] = make([]string, len(recipients))
		}
	}
	close(next)
	workers.Wait()
	require.False(t, t.Failed())
	return replies
}

// swaks is the command line of a session.
func (s session) swaks() []string {
	argv := []string{"swaks", "--server", lab.MailServer(s.host), "--port", strconv.Itoa(s.port), "--helo", "office",
		"--from", "<" + s.sender + ">", "--to", strings.Join(recipients, ","), "--quit-after", "RCPT"}
	switch s.port {
	case 465:
		argv = append(argv, "--tls-on-connect")
	case 587:
		argv = append(argv, "--tls")
	}
	if s.login != "" {
		uid, _, _ := strings.Cut(s.login, "@")
		argv = append(argv, "--auth", "PLAIN", "--auth-user", s.login, "--auth-password", lab.Users[uid].Password)
	}
	return argv
}

// answers are the replies to RCPT in a transcript of swaks. A line begins with three characters that tell who speaks
// ("<" is the server), whether under TLS ("~") and whether it refuses ("*"); a reply to RCPT has one line.
func answers(transcript string) (all []string) {
	asked := false
	for line := range strings.Lines(transcript) {
		said := strings.TrimSpace(line[min(3, len(line)):])
		if asked && line[0] == '<' {
			all = append(all, said)
		}
		asked = line[0] != '<' && strings.HasPrefix(said, "RCPT TO:")
	}
	return all
}

func TestAnswers(t *testing.T) {
	// As swaks(1) prints them, "TRANSCRIPT" in its section on output.
	assert.Equal(t, []string{"250 2.1.5 Ok", "554 5.7.1 <b@x>: Relay access denied", "550 no"}, answers(`=== Connected to 203.0.113.1.
<-  220 mail.company.my ESMTP Postfix
 -> MAIL FROM:<>
<-  250 2.1.0 Ok
 -> RCPT TO:<a@x>
<-  250 2.1.5 Ok
 -> RCPT TO:<b@x>
<** 554 5.7.1 <b@x>: Relay access denied
 ~> RCPT TO:<c@x>
<~* 550 no
 -> QUIT
<-  221 2.0.0 Bye
`))
}
