package verdicts_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"ucs-harden/tests/verdicts/table"
)

func TestTheTableOfVerdicts(t *testing.T) {
	tab := table.Read(t, "testdata/verdicts.txt")
	c := newCompany(t)
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
	c.Harden(t, "apply --mode enforce --yes")
	ask("enforce", "enforce")
	c.Harden(t, "rollback")
	c.Harden(t, "rollback")
	tab.Same(t, "rolled back", before, ask("rolled-back", "before"))
	assert.Empty(t, untouched.Diff(c.Snapshot(t)), "what the rollback left")
}
