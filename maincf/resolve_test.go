package maincf_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ucs-harden/maincf"
)

// The three forms of a reference are those of postconf(5).
func TestResolve(t *testing.T) {
	main, err := maincf.Parse([]byte(`plain = permit
own = reject
only = $own
braces = ${only}
parentheses = $(braces)
among = permit_mynetworks, $own ${own},$(own)
own = reject_unauth_destination
unknown = $nowhere
loop = $loop
ping = $pong
pong = $ping
grows = $grows x
dollar = 5$
`))
	require.NoError(t, err)
	for name, want := range map[string][2]string{
		"plain":       {"permit", "plain"},
		"only":        {"reject_unauth_destination", "own"},
		"braces":      {"reject_unauth_destination", "own"},
		"parentheses": {"reject_unauth_destination", "own"},
		"among": {
			"permit_mynetworks, reject_unauth_destination reject_unauth_destination,reject_unauth_destination", "among",
		},
		"unknown": {"", "nowhere"},
		"nowhere": {"", "nowhere"},
		"loop":    {"$loop", "loop"},
		"dollar":  {"5$", "dollar"},
	} {
		value, holder := main.Resolve(name)
		assert.Equal(t, want, [2]string{value, holder}, name)
	}
	for _, name := range []string{"ping", "grows"} {
		value, _ := main.Resolve(name)
		assert.NotEmpty(t, value, "%s ends", name)
	}
	assert.Equal(t, "reject_unauth_destination", main.Value("own"))
	assert.Empty(t, main.Value("nowhere"))
}
