package directory

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestUnreadMarks asks a real slapd(8), whose access rules hide marks from this client.
func TestUnreadMarks(t *testing.T) {
	t.Parallel()
	ca := newAuthority(t)
	const hidden, unknown = "Insufficient Access Rights", "Undefined Attribute Type"
	names := []string{"gone", "still-here", "member", "boss", "all@company.my", "not-there"}
	byAttribute := Mark{Attribute: "suspended", Value: "TRUE", ReasonAttribute: "suspendedReason"}
	either := Mark{Attribute: "suspended", Value: "TRUE", Group: clerks}
	for sentence, c := range map[string]struct {
		access string
		mark   Mark
		want   map[string]string // uid → why
		any    string            // why the mark of some mail user cannot be read
	}{
		"all can be read": {"", either, map[string]string{"gone": "", "member": ""}, ""},
		"an access rule hides the attribute": {
			"access to attrs=suspended by * none\n", byAttribute,
			map[string]string{"gone": "suspended: " + hidden, "still-here": "suspended: " + hidden, "member": "suspended: " + hidden, "boss": "suspended: " + hidden},
			"suspended: " + hidden,
		},
		"an access rule hides the attribute of one entry": {
			"access to dn.base=\"uid=still-here," + base + "\" attrs=suspended by * none\n", byAttribute,
			map[string]string{"gone": "", "still-here": "suspended: " + hidden}, "",
		},
		"the mark can be compared, and not searched for": {
			"access to attrs=suspended by * compare\n", byAttribute, map[string]string{"gone": ""}, "",
		},
		"the reason alone is hidden": {
			"access to attrs=suspendedReason by * none\n", byAttribute, map[string]string{"gone": ""}, "",
		},
		"memberOf is hidden": {
			"access to attrs=memberOf by * none\n", Mark{Group: clerks},
			map[string]string{"gone": "memberOf: " + hidden, "still-here": "memberOf: " + hidden, "member": "memberOf: " + hidden, "boss": "memberOf: " + hidden},
			"memberOf: " + hidden,
		},
		"one of two marks is hidden, and the other one is there": {
			"access to attrs=memberOf by * none\n", either,
			map[string]string{"gone": "", "still-here": "memberOf: " + hidden, "member": "memberOf: " + hidden, "boss": "memberOf: " + hidden},
			"memberOf: " + hidden,
		},
		"the schema does not have the attribute": {
			"", Mark{Attribute: "unheardOf", Value: "TRUE"},
			map[string]string{"gone": "unheardOf: " + unknown, "still-here": "unheardOf: " + unknown, "member": "unheardOf: " + unknown, "boss": "unheardOf: " + unknown},
			"unheardOf: " + unknown,
		},
		"the attribute cannot have the value": {
			"", Mark{Attribute: "level", Value: "high"},
			map[string]string{"gone": "level: Invalid Attribute Syntax", "still-here": "level: Invalid Attribute Syntax", "member": "level: Invalid Attribute Syntax", "boss": "level: Invalid Attribute Syntax"},
			"level: Invalid Attribute Syntax",
		},
		"the account is hidden altogether": {
			"access to dn.base=\"uid=gone," + base + "\" by * none\n", byAttribute, map[string]string{}, "",
		},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			server := startSlapd(t, ca, marks, settings{schema: markSchema, access: c.access})
			found, err := UnreadMarks(t.Context(), config(t, ca, server.address), c.mark, names...)
			require.NoError(t, err)
			got := map[string]string{}
			for _, u := range found {
				got[u.UID] = u.Why
			}
			assert.Equal(t, c.want, got)
			why, err := MarksReadable(t.Context(), config(t, ca, server.address), c.mark)
			require.NoError(t, err)
			if c.any != "" || c.access == "" {
				assert.Equal(t, c.any, why)
			}
		})
	}
	t.Run("nobody is asked about", func(t *testing.T) {
		found, err := UnreadMarks(t.Context(), Config{}, byAttribute)
		require.NoError(t, err)
		assert.Empty(t, found)
	})
	t.Run("no server answers", func(t *testing.T) {
		_, err := UnreadMarks(t.Context(), config(t, ca, freeAddress(t)), byAttribute, "gone")
		require.ErrorIs(t, err, ErrUnreachable)
		_, err = MarksReadable(t.Context(), config(t, ca, freeAddress(t)), byAttribute)
		require.ErrorIs(t, err, ErrUnreachable)
	})
	t.Run("no mark at all", func(t *testing.T) {
		_, err := MarksReadable(t.Context(), Config{}, Mark{})
		require.ErrorContains(t, err, "neither an attribute nor a group marks them")
	})
}
