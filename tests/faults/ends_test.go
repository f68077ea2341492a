package faults_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ucs-harden/tests/lab"
	"ucs-harden/transaction"
)

// TestSignals sends every signal that a terminal or a pipe sends, after steps of an apply. Those that end a program leave
// the old state and exit status 130. Those that stop it, and that of a pipe, leave the new state: nothing stays half done
// while somebody has pressed Ctrl-Z.
func TestSignals(t *testing.T) {
	t.Parallel()
	c := newCompany(t)
	old := c.state(t)
	c.harden(t, applyEnforce, 0)
	next := c.state(t)
	c.harden(t, "rollback", 0)
	ends := []string{transaction.StepJournal, transaction.StepSet, transaction.StepReload}
	if lab.Thorough() {
		ends = steps
	}
	for _, signal := range []string{"INT", "TERM", "HUP", "QUIT", "TSTP", "TTOU", "PIPE"} {
		for _, step := range ends {
			t.Run(signal+" after "+step, func(t *testing.T) {
				send := func(done string) string {
					if done == step {
						said, err := c.Mail().Run(t.Context(), "sh", "-c", "kill -"+signal+" $(cat /run/ucs-harden.lock)")
						assert.NoError(t, err)
						assert.Zero(t, said.Code, said.Stderr)
					}
					return "go"
				}
				var result lab.Result
				during(&c.afterStep, send, func() { result = c.harden(t, applyEnforce, 0, 130) })
				goesOn := signal == "TSTP" || signal == "TTOU" || signal == "PIPE"
				if result.Code == 130 {
					require.False(t, goesOn)
					require.Contains(t, result.Stderr, "rolled back")
				} else { // behind the last step that can fail, a signal may come too late
					late := []string{transaction.StepVerify, transaction.StepRemove, transaction.StepFinish}
					require.True(t, goesOn || slices.Contains(late, step), "it did not end")
					c.mustMean(t, next)
					c.harden(t, "rollback", 0)
				}
				c.mustBe(t, old)
			})
		}
	}
}

// TestAReaderThatEnds reads the first lines only. The apply goes on, and its exit status tells what it did.
func TestAReaderThatEnds(t *testing.T) {
	t.Parallel()
	c := newCompany(t)
	old := c.state(t)
	for _, lines := range []int{1, 20, 60, 170} {
		t.Run(fmt.Sprintf("head -n %d", lines), func(t *testing.T) {
			require.NoError(t, c.BackdatePostfix())
			pipe := fmt.Sprintf("ucs-harden %s -v 2>&1 | head -n %d >/dev/null; echo ${PIPESTATUS[0]}", applyWarn, lines)
			result, err := c.Mail().Run(t.Context(), "bash", "-c", pipe)
			require.NoError(t, err)
			require.Equal(t, "0", strings.TrimSpace(result.Stdout))
			require.Contains(t, c.harden(t, "status --check", 0).Stdout, "warn")
			c.harden(t, "rollback", 0)
			c.mustBe(t, old)
		})
	}
}
