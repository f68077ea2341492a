package reach_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ucs-harden/plan"
	"ucs-harden/reach"
	"ucs-harden/restrictions"
)

func TestFindings(t *testing.T) {
	const check = "check_sender_access hash:/x"
	list := func(texts ...string) (l restrictions.List) {
		for i, text := range texts {
			l = append(l, restrictions.Parse(text)...)
			l[i].Key = string(rune('a' + i))
		}
		return l
	}
	t.Run("a check behind reject_unauth_destination is reached", func(t *testing.T) {
		assert.Empty(t, reach.Main.Findings(list("permit_mynetworks", "permit_sasl_authenticated", "reject_unauth_destination", check), "v/", check, nil))
	})
	t.Run("behind reject no client meets the check, and the administrator may accept that", func(t *testing.T) {
		found := reach.Main.Findings(list("reject_unauth_destination", "reject", check), "v/", check, nil)
		require.NotEmpty(t, found)
		assert.Equal(t, plan.Error, found[0].Severity)
		assert.True(t, found[0].Acceptable)
		assert.Contains(t, found[0].Text, "v/")
	})
	t.Run("a check that is not there stops an apply", func(t *testing.T) {
		found := reach.Main.Findings(list("reject_unauth_destination"), "v/", check, nil)
		require.Len(t, found, 1)
		assert.Equal(t, plan.Error, found[0].Severity)
		assert.False(t, found[0].Acceptable)
	})
}
