package faults_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestFullDisk gives the program a little more space each time, until it is enough: so every write is once the one that
// fails.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	c := newCompany(t)
	old := c.state(t)
	c.harden(t, "apply --mode enforce --yes", 0)
	next := c.state(t)
	c.harden(t, "rollback", 0)
	c.mustBe(t, old)
	outcomes := map[int]int{}
	for free := int64(0); outcomes[0] == 0; free += diskStep {
		require.Less(t, free, int64(4<<20), "it is never enough")
		t.Run(fmt.Sprintf("%d KiB", free>>10), func(t *testing.T) {
			require.NoError(t, c.Mail().LimitDisk(free))
			result := c.harden(t, "apply --mode enforce --yes", 0, 1, 3, 4)
			require.NoError(t, c.Mail().UnlimitDisk())
			outcomes[result.Code]++
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
		})
	}
	t.Logf("exit codes: %v", outcomes)
}

// diskStep is a page: the disk counts in these.
const diskStep = 4 << 10
