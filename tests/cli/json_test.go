package cli_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ucs-harden/tests/schema"
)

// Every command that prints JSON is run with --json by a script, so that what it prints is compared with its schema.
func TestTheScriptsRunEveryCommandWithJSON(t *testing.T) {
	run := map[schema.Row]bool{}
	for _, pattern := range []string{"testdata/commands/*.txtar", "testdata/bad/*.txtar"} {
		scripts, err := filepath.Glob(pattern)
		require.NoError(t, err)
		for _, script := range scripts {
			content, err := os.ReadFile(script)
			require.NoError(t, err)
			for line := range strings.Lines(string(content)) {
				_, command, found := strings.Cut(line, "mail ucs-harden ")
				if found && strings.Contains(command, "--json") {
					run[schema.Of(strings.Fields(command))] = true
				}
			}
		}
	}
	for _, row := range schema.Rows() {
		assert.True(t, run[row] || row.Kind == schema.None, "no script runs ucs-harden %s --json", row.Command)
	}
}
