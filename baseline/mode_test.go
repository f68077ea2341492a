package baseline_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ucs-harden/baseline"
	"ucs-harden/plan"
)

func TestAModeIsToldWithWhatDiffersFromIt(t *testing.T) {
	for text, registry := range map[string]map[string]string{
		"enforce":                {"mail/harden/mode": "enforce"},
		"off":                    {},
		"off, suspended enforce": {"mail/harden/suspended/mode": "enforce"},
		"warn, relay off, foreign-sender enforce": {"mail/harden/mode": "warn", "mail/harden/relay/mode": "off", "mail/harden/relay/foreign-sender/mode": "enforce"},
	} {
		controls, mode, err := baseline.Modes(layers{normal: registry}, "")
		require.NoError(t, err)
		assert.Equal(t, text, baseline.ModeText(mode, controls))
	}
	assert.Equal(t, "off", baseline.ModeText(plan.Off, []plan.Control{{Name: "protected", After: plan.Warn, Idle: true}}), "what has nothing to do is not worth a word")
}
