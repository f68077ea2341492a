package faults_test

import (
	"fmt"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ucs-harden/tests/lab"
)

// TestFullDisk gives the program a little more space each time until the space is sufficient, so that each write is the
// one that fails in some round. Then it fills the disk after every step, so that the rollback fails as well.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	c := newCompany(t)
	old := c.state(t)
	c.harden(t, "apply --mode enforce --yes --no-rehearsal", 0)
	next := c.state(t)
	c.harden(t, "rollback", 0)
	c.mustBe(t, old)
	codes := map[int]int{}
	for free := int64(0); codes[0] == 0; free += diskStep {
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
			c.harden(t, "apply --mode enforce --yes --no-rehearsal", 0)
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
	require.NotZero(t, codes[4], "no space to take it back")
}

// fullAfter leaves no space on the disk after a step, until the test removes the limit.
func (c *company) fullAfter(t *testing.T, step string) func(string) string {
	var once sync.Once
	return func(done string) string {
		if done == step {
			once.Do(func() { c.limit(t, 0) })
		}
		return "go"
	}
}

// limit leaves this much free space. Other processes (the mail log) write meanwhile: when more is already used than the
// limit allows, the kernel refuses the limit, and limit tries again.
func (c *company) limit(t *testing.T, free int64) {
	assert.NoError(t, lab.WaitFor(t.Context(), "the limit", func() bool { return c.Mail().LimitDisk(free) == nil }))
}

// judgeApply applies, gives the disk its full size again, and compares the resulting state with the exit code.
func (c *company) judgeApply(t *testing.T, old, next state) int {
	t.Helper()
	result := c.harden(t, "apply --mode enforce --yes --no-rehearsal", 0, 1, 3, 4)
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

// diskStep is the size of a page, the unit in which the disk counts.
const diskStep = 4 << 10
