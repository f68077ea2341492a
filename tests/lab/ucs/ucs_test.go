// Package ucs_test checks the stand-ins for Univention's programs against the recordings of the real ones
// (testdata/ucr-conformance) and against what else was measured on the real programs.
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

// play runs a bash script on a mail server of its own (see box) and returns what it writes to stdout.
// The script ends at the first command that fails, and then so does the test.
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

// scene is one script and exactly what it has to print.
type scene struct{ script, want string }

func playAll(t *testing.T, scenes map[string]scene) {
	t.Helper()
	for name, scene := range scenes {
		t.Run(name, func(t *testing.T) {
			assert.Equal(t, lines(scene.want), lines(play(t, scene.script)))
		})
	}
}

// lines takes the indentation of the Go source off.
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
				t.Parallel() // render waits for Postfix's tools, not for the machine
				got := play(t, "ucr commit 2>/dev/null; cd /lab/ucr-conformance; ./"+program+" "+ucr+" >/tmp/got; diff "+expected+" /tmp/got && wc -l </tmp/got")
				assert.NotEqual(t, "0\n", got)
			})
		}
	}
}
