package controls_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ucs-harden/controls"
	"ucs-harden/lists"
)

func normal(vars map[string]string) layers { return layers{normal: vars} }

func control(name string) controls.Control {
	c, ok := controls.ByName(name)
	if !ok {
		panic(name)
	}
	return c
}

func TestHeldEntry(t *testing.T) {
	const key = "mail/harden/suspended/account/a/account"
	forced := layers{forced: map[string]string{key: "x"}}
	policy := layers{ldap: map[string]string{key: "x"}}

	f := lists.HeldEntry(forced, "suspended", map[string]string{key: "a"}, nil)
	require.NotNil(t, f)
	assert.Equal(t, key+` is held by the layer "forced" with the value "x"; "a", written to the normal layer, would have no effect`, f.Text)
	assert.Equal(t, "ucr unset --force "+key+", or force the wanted value there", f.Hint)

	f = lists.HeldEntry(policy, "suspended", nil, []string{"mail/harden/suspended/account/a/reason", key})
	require.NotNil(t, f)
	assert.Equal(t, key+` is held by the layer "ldap" with the value "x", from which it cannot be removed here`, f.Text)
	assert.Contains(t, f.Hint, "UCR policy")

	assert.Nil(t, lists.HeldEntry(policy, "suspended", map[string]string{key + "s": "a"}, []string{key + "s"}))
}

func TestSettings(t *testing.T) {
	r := normal(map[string]string{"mail/harden/protected/all": "yes", "mail/harden/protected/list/a/address": "x", "mail/harden/suspended/group": "g"})
	assert.Equal(t, map[string]string{"mail/harden/protected/all": "yes"}, control("protected").Settings(r))
	assert.Equal(t, map[string]string{"mail/harden/suspended/group": "g"}, control("suspended").Settings(r))
	assert.Empty(t, control("local-only").Settings(r))
}

func TestTheStrongestLayerHoldsAnEntry(t *testing.T) {
	r := layers{
		normal: map[string]string{"mail/harden/suspended/account/a/account": "weak", "mail/harden/suspended/account/a/owner": "O"},
		ldap:   map[string]string{"mail/harden/suspended/account/a/account": "strong"},
	}
	assert.Equal(t, []lists.Entry{{Name: "a", Account: "strong", Owner: "O"}}, control("suspended").List.Read(r))
}
