package verdicts_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestTheTableOfVerdicts(t *testing.T) {
	tab := readTable(t, "testdata/verdicts.txt")
	c := newCompany(t)
	untouched := c.snapshot(t)
	ask := func(phase, column string) map[cell]*played {
		results := c.play(t, tab, phase)
		tab.compare(t, column, results)
		c.swaks(t, tab, phase, results)
		return results
	}

	before := ask("before", "before")
	c.harden(t, "apply --mode warn --yes")
	warn := ask("warn", "warn")
	for cell, p := range before {
		assert.True(t, warn[cell].reply.OK() || !p.reply.OK(), "warn refuses what was accepted: %s: %s", cell, warn[cell].reply)
	}
	c.harden(t, "apply --mode enforce --yes")
	ask("enforce", "enforce")
	c.harden(t, "rollback")
	c.harden(t, "rollback")
	same(t, tab, before, ask("rolled-back", "before"))
	assert.Empty(t, untouched.Diff(c.snapshot(t)), "what the rollback left")
}
