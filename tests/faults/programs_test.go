package faults_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"ucs-harden/tests/lab"
)

// TestPrograms makes every program that apply and rollback run go wrong, at each of its calls.
func TestPrograms(t *testing.T) {
	t.Parallel()
	c := newCompany(t)
	old := c.state(t)
	calls := c.record(t, applyEnforce)
	next := c.state(t)
	back := c.record(t, "rollback")
	c.mustBe(t, old)
	for _, call := range sample(calls) {
		for _, how := range ways(call) {
			t.Run(fmt.Sprintf("apply, %s, %s", call, how), func(t *testing.T) {
				c.faultyApply(t, call, how, old, next)
			})
		}
	}
	for _, call := range sample(back) {
		for _, how := range ways(call) {
			t.Run(fmt.Sprintf("rollback, %s, %s", call, how), func(t *testing.T) {
				c.faultyRollback(t, call, how, old, next)
			})
		}
	}
}

// call is the n-th call of a program with these first words.
type call struct {
	words string
	n     int
}

func (c call) String() string { return fmt.Sprintf("%s %d", c.words, c.n) }

// sample leaves out the calls between the first and the last of the same program, if the test is not thorough.
func sample(calls []call) []call {
	last := map[string]int{}
	for _, c := range calls {
		last[c.words] = max(last[c.words], c.n)
	}
	return slices.DeleteFunc(calls, func(c call) bool { return !lab.Thorough() && c.n > 1 && c.n < last[c.words] })
}

// ways are how a call can go wrong. Only ucr is known to exit 0 without having done anything. Only programs that change
// something can fail after an effect.
func ways(c call) []string {
	switch {
	case strings.HasPrefix(c.words, "ucr "):
		return []string{"fail", "hang", "lie", "late"}
	case strings.HasPrefix(c.words, "postmap"), c.words == "postfix reload":
		return []string{"fail", "hang", "late"}
	case c.words == "postfix status":
		return []string{"hang"} // exit code 1 is an answer: Postfix does not run
	}
	return []string{"fail", "hang"}
}

// record runs the program and returns its calls, without the dry runs. The dry runs come before the first change, so
// they can only fail before anything is changed.
func (c *company) record(t *testing.T, arguments string) []call {
	t.Helper()
	var mutex sync.Mutex
	count := map[string]int{}
	var calls []call
	note := func(words string) string {
		mutex.Lock()
		defer mutex.Unlock()
		count[words]++
		if words != "ucr filter" {
			calls = append(calls, call{words, count[words]})
		}
		return "go"
	}
	during(&c.beforeProgram, note, func() { c.harden(t, arguments, 0) })
	require.True(t, slices.ContainsFunc(calls, func(c call) bool { return c.words == "ucr unset" || c.words == "ucr set" }))
	return calls
}

func (c *company) faultyApply(t *testing.T, fault call, how string, old, next state) {
	t.Helper()
	during(&c.beforeProgram, at(fault.n, fault.words, how), func() { c.judgeApply(t, old, next) })
}

func (c *company) faultyRollback(t *testing.T, fault call, how string, old, next state) {
	t.Helper()
	c.harden(t, applyEnforce, 0)
	during(&c.beforeProgram, at(fault.n, fault.words, how), func() {
		switch result := c.harden(t, "rollback", 0, 1, 4); result.Code {
		case 1: // nothing had begun
			require.Contains(t, result.Stderr, "nothing was changed")
			c.mustMean(t, next)
			c.harden(t, "rollback", 0)
		case 4:
			c.harden(t, "recover", 0)
		}
	})
	c.mustBe(t, old)
}
