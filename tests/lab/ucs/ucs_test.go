// Package ucs_test compares the replacements for Univention's programs with recordings of the real programs
// (testdata/ucr-conformance), and with other behaviour that was measured on the real programs.
package ucs_test

import (
	"context"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// play runs a bash script on a mail server of its own (see box), which is a UCS 5.2, and returns its standard output.
// The script ends at the first command that fails, and then the test fails.
func play(t *testing.T, script string) string {
	t.Helper()
	return playOn(t, "5.2", script)
}

// playOn is play on a mail server with this face.
func playOn(t *testing.T, face, script string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "./box", "bash", "-euo", "pipefail", "-c", "umask 022; "+script)
	var stdout, stderr strings.Builder
	cmd.Env = append(os.Environ(), "FACE="+face)
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	require.NoError(t, cmd.Run(), "%s\nstdout: %s\nstderr: %s", script, &stdout, &stderr)
	return stdout.String()
}

// scene is a script and its exact expected output.
type scene struct{ script, want string }

func playAll(t *testing.T, scenes map[string]scene) {
	t.Helper()
	for name, scene := range scenes {
		t.Run(name, func(t *testing.T) {
			assert.Equal(t, lines(scene.want), lines(play(t, scene.script)))
		})
	}
}

// lines removes the indentation of the Go source.
func lines(text string) []string {
	all := strings.Split(strings.TrimSpace(text), "\n")
	for i := range all {
		all[i] = strings.Trim(all[i], "\t")
	}
	return all
}

func TestRecordings(t *testing.T) {
	for _, c := range []struct{ face, program, ucr, expected string }{
		{"5.2", "run", "/usr/sbin/ucr", "expected"},
		{"5.2", "run", "/usr/sbin/univention-config-registry", "expected"},
		{"5.2", "render", "/usr/sbin/ucr", "expected-render"},
		{"5.0", "run", "/usr/sbin/ucr", "expected-5.0"},
		{"5.0", "render", "/usr/sbin/ucr", "expected-render-5.0"},
	} {
		t.Run(strings.Join([]string{c.face, c.program, c.ucr}, " "), func(t *testing.T) {
			t.Parallel() // the tests mostly wait for Postfix's tools
			got := playOn(t, c.face, "ucr commit >/dev/null; cd /lab/ucr-conformance; ./"+c.program+" "+c.ucr+" >/tmp/got; diff "+c.expected+" /tmp/got && wc -l </tmp/got")
			assert.NotEqual(t, "0\n", got)
		})
	}
}
