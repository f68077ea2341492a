package verdicts_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"ucs-harden/tests/lab"
	"ucs-harden/tests/verdicts/table"
)

func TestTheTableOfVerdicts(t *testing.T) {
	for _, face := range []lab.Face{lab.UCS52, lab.UCS50} {
		t.Run("on UCS "+face.String(), func(t *testing.T) { playVerdicts(t, face) })
	}
}

func playVerdicts(t *testing.T, face lab.Face) {
	t.Helper()
	tab := table.ReadFor(t, "testdata/verdicts.txt", face)
	c := newCompany(t, lab.Options{Face: face})
	untouched := c.Snapshot(t)
	ask := func(phase, column string) table.Results {
		results := c.Play(t, tab, phase)
		tab.Compare(t, column, results)
		c.swaks(t, tab, phase, results)
		return results
	}

	before := ask("before", "before")
	c.Harden(t, "apply --mode warn --yes")
	warn := ask("warn", "warn")
	tab.RefusesNothing(t, "warn", before, warn)
	c.Harden(t, "apply --mode enforce --no-evidence --yes")
	ask("enforce", "enforce")
	c.Harden(t, "rollback")
	c.Harden(t, "rollback")
	some := tab.Sample(7) // the files are the same, see below
	after := c.Play(t, some, "rolled-back")
	some.Compare(t, "before", after)
	some.Same(t, "rolled back", before, after)
	assert.Empty(t, untouched.Diff(c.Snapshot(t)), "what the rollback left")
}
