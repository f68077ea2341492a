package controls_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ucs-harden/controls"
	"ucs-harden/identity"
	"ucs-harden/plan"
)

func TestAModeIsToldWithWhatDiffersFromIt(t *testing.T) {
	for text, registry := range map[string]map[string]string{
		"enforce":                {"mail/harden/mode": "enforce"},
		"off":                    {},
		"off, suspended enforce": {"mail/harden/suspended/mode": "enforce"},
		"warn, relay off, foreign-sender enforce": {"mail/harden/mode": "warn", "mail/harden/relay/mode": "off", "mail/harden/relay/foreign-sender/mode": "enforce"},
		"warn, foreign-sender enforce":            {"mail/harden/mode": "warn", "mail/harden/foreign-sender/mode": "enforce", "mail/harden/relay/foreign-sender/mode": "off"},
	} {
		states, mode, err := controls.Modes(layers{normal: registry}, "", false)
		require.NoError(t, err)
		assert.Equal(t, text, controls.ModeText(mode, states))
	}
	assert.Equal(t, "off", controls.ModeText(plan.Off, []plan.Control{{Name: "protected", After: plan.Warn, Idle: true}}), "what has nothing to do is not worth a word")
}

func TestTheLiveMapKnowsTheGroupsThatCountToday(t *testing.T) {
	members := map[string][]identity.Account{"cn=a": {{UID: "a"}}, "cn=b": {{UID: "b"}}, "cn=c": {{UID: "c"}}}
	f := &controls.Facts{
		Today: "2026-11-21",
		Registry: layers{normal: map[string]string{
			"mail/harden/local-only/account/1/group": "a",
			"mail/harden/local-only/account/2/group": "b", "mail/harden/local-only/account/2/expires": "2026-11-20",
			"mail/harden/suspended/group": "c",
		}},
		People: controls.People{Groups: map[string]string{"a": "cn=a", "b": "cn=b", "c": "cn=c"}, Members: members},
	}
	assert.Equal(t, map[string][]identity.Account{"cn=a": members["cn=a"]}, f.Restricted())
}

func TestOnlyTheMembersOfBoundGroupsAreAskedForOneByOne(t *testing.T) {
	q := controls.Ask(layers{normal: map[string]string{
		"mail/harden/local-only/account/1/group": "b", "mail/harden/local-only/account/2/group": "a", "mail/harden/local-only/account/3/group": "b",
		"mail/harden/suspended/group": "c",
	}}, []plan.Control{{Name: "local-only", After: plan.Warn}, {Name: "suspended", After: plan.Warn}})
	assert.Equal(t, []string{"a", "b"}, q.Members)
	assert.Equal(t, []string{"a", "b", "c"}, q.Groups, "of the suspended it is enough to know the group")
	assert.Equal(t, "c", q.Suspended.Group)
}
