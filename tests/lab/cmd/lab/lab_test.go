package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ucs-harden/tests/lab"
)

// The test program also acts as the command: if its first argument is not a flag, it is a command of lab.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && !strings.HasPrefix(os.Args[1], "-") {
		os.Exit(run(os.Args[1:]))
	}
	os.Exit(m.Run())
}

func command(t *testing.T, folder, stdin string, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	cmd := exec.Command(os.Args[0], args...)
	cmd.Env = append(os.Environ(), "UCS_HARDEN_LAB="+folder)
	cmd.Stdin = strings.NewReader(stdin)
	var out, err bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &err
	_ = cmd.Run()
	return out.String(), err.String(), cmd.ProcessState.ExitCode()
}

func TestALabStaysUpUntilItIsTakenDown(t *testing.T) {
	lab.Require(t)
	folder := filepath.Join(t.TempDir(), "state")
	_, stderr, code := command(t, folder, "", "down")
	assert.Equal(t, 1, code)
	assert.Equal(t, "error: no lab is up: make lab-up brings one up\n", stderr)

	_, stderr, code = command(t, folder, "", "up", "--face", "5.0", "--slow")
	require.Zero(t, code, stderr)
	t.Cleanup(func() { command(t, folder, "", "down") })
	_, stderr, code = command(t, folder, "", "up")
	assert.Equal(t, 1, code)
	assert.Equal(t, "error: a lab is up already: make lab-down takes it down\n", stderr)

	stdout, _, code := command(t, folder, "", "exec", "dc2", "--", "sh", "-c", "hostname; exit 7")
	assert.Equal(t, 7, code)
	assert.Equal(t, "dc2\n", stdout)
	stdout, _, code = command(t, folder, "", "exec", "mail", "--", "sh", "-c", "ucr get version/version; ls /etc/univention")
	assert.Zero(t, code)
	assert.True(t, strings.HasPrefix(stdout, "5.0\n"), stdout)
	assert.Contains(t, stdout, "lab-slow")
	_, _, code = command(t, folder, "", "exec", "dc3", "--", "true")
	assert.Equal(t, 64, code)

	stdout, stderr, code = command(t, folder, `{"server":"203.0.113.1","port":25,"mailFrom":"","rcptTo":["nobody@company.my"]}`, "smtp", "outside")
	require.Zero(t, code, stderr)
	assert.Contains(t, stdout, `"rcpt":[{"code":550,"text":"5.1.1 <nobody@company.my>: Recipient address rejected: `)

	_, stderr, code = command(t, folder, "", "down")
	require.Zero(t, code, stderr)
	assert.NoDirExists(t, folder)
}

func TestWrongUseIsToldHowToUseIt(t *testing.T) {
	for _, args := range [][]string{{}, {"sideways"}, {"exec", "mail"}, {"exec", "mail", "--"}, {"up", "a", "b"}, {"up", "--face", "4.4"}, {"demo"}} {
		require.ErrorIs(t, dispatch(t.Context(), args), errUsage, "%v", args)
	}
}

func TestTheDemoExpectsOfAFreshServerWhatItDoes(t *testing.T) {
	l := lab.New(t)
	var out bytes.Buffer
	wrong, err := send(t.Context(), &out, l, 0)
	require.NoError(t, err)
	require.Zero(t, wrong, out.String())
	assert.Equal(t, len(letters), strings.Count(out.String(), "as expected"))
}

func TestTheLastReplyBeforeQuitIsTheVerdict(t *testing.T) {
	for what, c := range map[string]struct{ transcript, reply string }{
		"accepted":          {" -> RCPT TO:<b@y>\n<-  250 2.1.5 Ok\n -> QUIT\n<-  221 2.0.0 Bye\n", "250 2.1.5 Ok"},
		"refused":           {" -> RCPT TO:<b@y>\n<** 554 5.7.1 no\n -> QUIT\n<-  221 2.0.0 Bye\n", "554 5.7.1 no"},
		"refused under TLS": {" ~> RCPT TO:<b@y>\n<~* 553 5.7.1 no\n ~> QUIT\n<~  221 2.0.0 Bye\n", "553 5.7.1 no"},
		"nobody answering":  {"=== Trying 203.0.113.1:25...\n*** Error connecting\n", "no answer"},
	} {
		t.Run(what, func(t *testing.T) { assert.Equal(t, c.reply, lastReply(c.transcript)) })
	}
}
