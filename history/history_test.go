package history

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ucs-harden/plan"
	"ucs-harden/transaction"
)

// The history shows a manifest to people.
func TestChangeOf(t *testing.T) {
	m := &transaction.Manifest{
		ID: "x", Mode: plan.Warn,
		Controls: []plan.Control{{Name: "relay", After: plan.Warn}, {Name: "suspended", After: plan.Enforce}},
		Variables: []plan.Variable{
			{Key: "a", After: pointer("1")}, {Key: "b", Before: pointer("1")},
			{Key: "c", Before: pointer("1"), After: pointer("2")},
		},
		Files: []transaction.File{
			{Path: "/created", Kind: plan.Table}, {Path: "/changed", Kind: plan.Map, Before: &transaction.Image{}},
			{Path: "/removed", Kind: plan.Table, Before: &transaction.Image{}, Gone: true}, {Path: "/ledger", Kind: plan.Ledger},
		},
	}
	c := changeOf(transaction.Record{ID: m.ID, State: transaction.Applied, Manifest: m})
	assert.Equal(t, "warn, suspended enforce", c.Modes)
	assert.Equal(t, []string{"+ a", "- b", "~ c"}, c.Variables)
	assert.Equal(t, []string{"+ /created", "~ /changed", "- /removed"}, c.Files)
	out, err := json.Marshal(changeOf(transaction.Record{Manifest: &transaction.Manifest{}}))
	require.NoError(t, err)
	assert.Contains(t, string(out), `"variables":[],"files":[]`, "lists, also when they are empty")
}

func pointer(s string) *string { return &s }
