package faults_test

import (
	"fmt"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ucs-harden/tests/lab"
)

// TestFullDisk gives the program a little more space each time, until there is enough: so each write fails once. Then
// the disk becomes full after every step. The way back has its space reserved, so it never fails.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	c := newCompany(t)
	old := c.state(t)
	c.harden(t, applyEnforce, 0)
	next := c.state(t)
	c.harden(t, "rollback", 0)
	c.mustBe(t, old)
	codes := map[int]int{}
	for free := int64(0); codes[0] == 0; free += diskStep() {
		require.Less(t, free, int64(4<<20), "it is never enough")
		t.Run(fmt.Sprintf("apply with %d KiB", free>>10), func(t *testing.T) {
			c.limit(t, free)
			codes[c.judgeApply(t, old, next)]++
		})
	}
	for _, step := range steps {
		t.Run("apply, full after "+step, func(t *testing.T) {
			during(&c.afterStep, c.fullAfter(t, step), func() { codes[c.judgeApply(t, old, next)]++ })
		})
	}
	for _, step := range steps[1:] {
		t.Run("rollback, full after "+step, func(t *testing.T) {
			c.harden(t, applyEnforce, 0)
			during(&c.afterStep, c.fullAfter(t, step), func() {
				result := c.harden(t, "rollback", 0, 4)
				require.NoError(t, c.Mail().UnlimitDisk())
				if result.Code == 4 {
					c.harden(t, "recover", 0)
				}
			})
			c.mustBe(t, old)
		})
	}
	require.NotZero(t, codes[1], "no space for the backup")
	require.NotZero(t, codes[3], "taken back")
	require.Zero(t, codes[4], "no space to take it back")
}

// fullAfter makes the disk full at the end of a step.
func (c *company) fullAfter(t *testing.T, step string) func(string) string {
	var once sync.Once
	return func(done string) string {
		if done == step {
			once.Do(func() { c.limit(t, 0) })
		}
		return "go"
	}
}

// limit leaves so much free space. It tries again when the kernel refuses: others write at the same time (the mail
// log), so more may be used by then than the new limit allows.
func (c *company) limit(t *testing.T, free int64) {
	assert.NoError(t, lab.WaitFor(t.Context(), "the limit", func() bool { return c.Mail().LimitDisk(free) == nil }))
}

// judgeApply applies, gives the disk its size again, and compares the state with what the exit code claims.
func (c *company) judgeApply(t *testing.T, old, next state) int {
	t.Helper()
	result := c.harden(t, applyEnforce, 0, 1, 3, 4)
	require.NoError(t, c.Mail().UnlimitDisk())
	switch result.Code {
	case 0:
		c.mustMean(t, next)
		c.harden(t, "rollback", 0)
	case 1:
		require.Contains(t, result.Stderr, "nothing was changed")
	case 4:
		c.harden(t, "recover", 0)
	}
	c.mustBe(t, old)
	return result.Code
}

// diskStep is a page, in which the disk counts, if the test is thorough. Otherwise it is a number of pages that has no
// divisor in common with the sizes of most files.
func diskStep() int64 {
	const page = 4 << 10
	if lab.Thorough() {
		return page
	}
	return 5 * page
}
