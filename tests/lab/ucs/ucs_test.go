// Package ucs_test compares the replacements for Univention's programs with recordings of the real programs
// (testdata/ucr-conformance), and with other behaviour that was measured on the real programs.
package ucs_test

import (
	"context"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// play runs a bash script on a mail server of its own (see box) and returns its standard output. The script ends at the
// first command that fails, and then the test fails.
func play(t *testing.T, script string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "./box", "bash", "-euo", "pipefail", "-c", "umask 022; "+script)
	var stdout, stderr strings.Builder
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
	for program, expected := range map[string]string{"run": "expected", "render": "expected-render"} {
		for _, ucr := range []string{"/usr/sbin/ucr", "/usr/sbin/univention-config-registry"} {
			t.Run(program+" "+ucr, func(t *testing.T) {
				t.Parallel() // the tests mostly wait for Postfix's tools
				got := play(t, "ucr commit 2>/dev/null; cd /lab/ucr-conformance; ./"+program+" "+ucr+" >/tmp/got; diff "+expected+" /tmp/got && wc -l </tmp/got")
				assert.NotEqual(t, "0\n", got)
			})
		}
	}
}
