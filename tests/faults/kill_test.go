package faults_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"ucs-harden/transaction"
)

const (
	applyOff     = "apply --mode off --yes --no-rehearsal"
	applyWarn    = "apply --mode warn --yes --no-rehearsal"
	applyEnforce = "apply --mode enforce --no-evidence --yes --no-rehearsal"
)

// steps are those of an apply, in order; those of a rollback begin at the journal.
var steps = transaction.Steps()

// TestKilled kills the program after every step, and while the programs run that change something.
func TestKilled(t *testing.T) {
	t.Parallel()
	c := newCompany(t)
	fresh := c.state(t)
	for _, step := range steps {
		t.Run("apply warn, after "+step, func(t *testing.T) { c.killApply(t, applyWarn, step, fresh) })
	}
	c.harden(t, applyWarn, 0)
	warn := c.state(t)
	for _, step := range steps {
		t.Run("apply enforce, after "+step, func(t *testing.T) { c.killApply(t, applyEnforce, step, warn) })
	}
	for _, step := range steps[slices.Index(steps, transaction.StepJournal):] {
		t.Run("rollback, after "+step, func(t *testing.T) {
			c.harden(t, applyEnforce, 0)
			c.dieAfter(t, step, "rollback")
			c.harden(t, "recover", 0)
			c.mustBe(t, warn)
		})
	}
	for _, program := range []string{"ucr set", "ucr unset", "ucr commit", "postfix reload"} {
		for _, delay := range []string{"20ms", "80ms", "150ms"} {
			t.Run(fmt.Sprintf("apply off, amid %s after %s", program, delay), func(t *testing.T) {
				during(&c.beforeProgram, at(1, program, "die "+delay), func() { c.harden(t, applyOff, killed) })
				c.harden(t, "recover", 0)
				c.mustBe(t, warn)
			})
		}
	}
}

// TestAStopIsKilled kills a program that stops an account while an apply waits to be confirmed. Afterwards the apply still
// waits, and recover, or the next try, stops the account.
func TestAStopIsKilled(t *testing.T) {
	t.Parallel()
	const stop, lift = "suspend add boss --now", "suspend remove boss --now"
	c := newCompany(t)
	old := c.state(t)
	c.harden(t, applyEnforce+" --confirm-within 30m", 0)
	waiting := c.state(t)
	c.harden(t, stop, 0)
	stopped := c.state(t)
	c.harden(t, lift, 0)
	c.mustMean(t, waiting)
	for _, step := range steps {
		t.Run("after "+step, func(t *testing.T) {
			c.dieAfter(t, step, stop)
			require.Zero(t, c.Harden(t, "recover").Code) // whoever watches the deadline may be quicker
			c.WaitFor(t, "an apply that waits", func() bool {
				return strings.Contains(c.harden(t, "status --check", 0, 2).Stdout, "waits to be confirmed")
			})
			c.harden(t, stop, 0)
			c.mustMean(t, stopped)
			c.dieAfter(t, step, lift)
			require.Zero(t, c.Harden(t, "recover").Code)
			c.harden(t, stop, 0)
			c.harden(t, lift, 0)
			c.mustMean(t, waiting)
		})
	}
	c.harden(t, "rollback", 0)
	c.mustBe(t, old)
}

// at gives an answer to the n-th question (from 1) of these words.
func at(n int, words, answer string) func(string) string {
	return func(question string) string {
		if question != words {
			return "go"
		}
		if n--; n == 0 {
			return answer
		}
		return "go"
	}
}

func (c *company) dieAfter(t *testing.T, step, arguments string) {
	t.Helper()
	during(&c.afterStep, at(1, step, "die"), func() { c.harden(t, arguments, killed) })
}

func (c *company) killApply(t *testing.T, arguments, step string, old state) {
	t.Helper()
	c.dieAfter(t, step, arguments)
	said := c.harden(t, "recover", 0).Stdout
	switch step {
	case transaction.StepBackup:
		require.Contains(t, said, "Nothing to recover")
	case transaction.StepFinish:
		require.Contains(t, said, "Nothing to recover")
		mode := strings.Fields(arguments)[2]
		require.Contains(t, c.harden(t, "plan --mode "+mode, 0).Stdout, "No changes")
		c.harden(t, "rollback", 0)
	default:
		require.Contains(t, said, "Recovered")
	}
	c.mustBe(t, old)
}
