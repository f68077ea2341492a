package loginmaps_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"ucs-harden/identity"
	"ucs-harden/loginmaps"
)

// Postfix compares the login with each owner; a user may log in with the login or with the primary address.
func TestTheTable(t *testing.T) {
	assert.Equal(t, map[string]string{
		"boss@company.my":  "boss, boss@company.my",
		"chief@company.my": "boss, boss@company.my",
		"info@company.my":  "boss, boss@company.my, clerk",
	}, loginmaps.Table([]identity.Account{
		{UID: "boss", Primary: "boss@company.my", Alternatives: []string{"Chief@company.my", "info@company.my"}},
		{UID: "clerk", Alternatives: []string{"info@company.my", "no address", "m\u00fcller@company.my"}},
		{UID: "hash", Alternatives: []string{"#hash@company.my"}},
		{UID: "two words", Alternatives: []string{"nobody@company.my"}},
	}))
}
