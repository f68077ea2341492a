// Package rehearsal_test runs private instances of the mail server in the lab, beside the live one, and compares the
// two. The program is built with the tag "faults", which adds the command private-postfix: package privatepostfix
// alone.
package rehearsal_test

import (
	"encoding/json"
	"io"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"ucs-harden/privatepostfix"
	"ucs-harden/tests/lab"
)

// input and output are what private-postfix reads and prints.
type input struct {
	Config    config
	Dialogues []privatepostfix.Dialogue
	Hold      bool
}

// config is a configuration as private-postfix reads it.
type config struct {
	Main, Master []byte
	Files        []privatepostfix.File
	Parent       string
}

type output struct {
	Error       string
	Ports       []int
	Replies     []privatepostfix.Reply
	Complaints  []string
	Start, Play time.Duration
}

// server is a lab in which a mail server can be rehearsed.
type server struct{ *lab.Lab }

func newServer(t testing.TB) server {
	t.Helper()
	s := server{lab.New(t)}
	s.InstallProgram(t, "-tags=faults")
	return s
}

// config is today's configuration.
func (s server) config(t testing.TB) config {
	t.Helper()
	var c config
	var err error
	c.Main, err = s.Mail().ReadFile("/etc/postfix/main.cf")
	require.NoError(t, err)
	c.Master, err = s.Mail().ReadFile("/etc/postfix/master.cf")
	require.NoError(t, err)
	return c
}

// replace changes the one place in a configuration file that reads old.
func replace(t testing.TB, content []byte, old, by string) []byte {
	t.Helper()
	require.Equal(t, 1, strings.Count(string(content), old), "%q occurs once", old)
	return []byte(strings.Replace(string(content), old, by, 1))
}

// rehearse runs an instance and takes it down again.
func (s server) rehearse(t testing.TB, c config, dialogues ...privatepostfix.Dialogue) output {
	t.Helper()
	p := s.begin(t, input{Config: c, Dialogues: dialogues})
	out := p.read(t)
	p.end(t)
	return out
}

// private is a running private-postfix.
type private struct {
	cmd    *exec.Cmd
	in     io.WriteCloser
	out    *json.Decoder
	stderr *strings.Builder
}

func (s server) begin(t testing.TB, in input) *private {
	t.Helper()
	p := &private{cmd: s.Mail().Command(t.Context(), "ucs-harden", "private-postfix"), stderr: &strings.Builder{}}
	p.cmd.Stderr = p.stderr
	var err error
	p.in, err = p.cmd.StdinPipe()
	require.NoError(t, err)
	stdout, err := p.cmd.StdoutPipe()
	require.NoError(t, err)
	p.out = json.NewDecoder(stdout)
	require.NoError(t, p.cmd.Start())
	require.NoError(t, json.NewEncoder(p.in).Encode(in))
	return p
}

func (p *private) read(t testing.TB) output {
	t.Helper()
	var out output
	if err := p.out.Decode(&out); err != nil {
		_ = p.cmd.Wait()
		require.NoError(t, err, p.stderr.String())
	}
	return out
}

// end closes the input, which ends an instance that is held, and expects success.
func (p *private) end(t testing.TB) {
	t.Helper()
	require.NoError(t, p.in.Close())
	require.NoError(t, p.cmd.Wait(), p.stderr.String())
}

// processes are the command lines of the processes of rehearsals on the mail server.
func (s server) processes(t testing.TB) []string {
	t.Helper()
	// With the bracket, grep does not find itself.
	result, err := s.Mail().Run(t.Context(), "grep", "--no-messages", "--files-with-matches", "--text",
		"[M]AIL_CONFIG=/run/ucs-harden-rehearsal-", "-r", "/proc", "--include=environ")
	require.NoError(t, err)
	var all []string
	for path := range strings.FieldsSeq(result.Stdout) {
		if strings.Contains(path, "/task/") {
			continue
		}
		line, err := s.Mail().ReadFile(strings.TrimSuffix(path, "environ") + "cmdline")
		if err == nil {
			all = append(all, strings.ReplaceAll(string(line), "\x00", " "))
		}
	}
	return all
}

// folders are those of rehearsals.
func (s server) folders(t testing.TB) []string {
	t.Helper()
	entries, err := s.Mail().ReadDir("/run")
	require.NoError(t, err)
	var all []string
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), "ucs-harden-rehearsal-") {
			all = append(all, "/run/"+e.Name())
		}
	}
	return all
}

// wantNothing fails the test when a rehearsal left anything.
func (s server) wantNothing(t testing.TB) {
	t.Helper()
	require.Empty(t, s.processes(t))
	require.Empty(t, s.folders(t))
}
