package controls

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"ucs-harden/plan"
)

func TestEverywhere(t *testing.T) {
	states := []plan.Control{
		{Name: "submission", After: plan.Warn},
		{Name: "relay", After: plan.Off},
		{Name: "sender-spoofing", After: plan.Off, Domains: map[string]plan.Mode{"company.my": plan.Warn, "company.local": plan.Off}},
	}
	before := states[2].Domains
	Everywhere(states, plan.Enforce)
	assert.Equal(t, []plan.Control{
		{Name: "submission", After: plan.Enforce},
		{Name: "relay", After: plan.Off},
		{Name: "sender-spoofing", After: plan.Off, Domains: map[string]plan.Mode{"company.my": plan.Enforce, "company.local": plan.Off}},
	}, states)
	assert.Equal(t, plan.Warn, before["company.my"])
}
