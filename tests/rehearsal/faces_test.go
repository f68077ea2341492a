package rehearsal_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ucs-harden/maincf"
	"ucs-harden/tests/lab"
)

// On a freshly installed server of either release, no test message gets an odd answer in any mode: not a wrong one, and
// none that needs an explanation. On UCS 5.2 the relay restrictions refuse relaying before the controls are asked.
func TestAFreshServerHasNoOddAnswers(t *testing.T) {
	for _, face := range []lab.Face{lab.UCS52, lab.UCS50} {
		t.Run(face.String(), func(t *testing.T) {
			s := server{lab.New(t, lab.Options{Face: face})}
			s.InstallProgram(t, "-tags=faults")
			for _, mode := range []string{"warn", "enforce"} {
				var m matrix
				require.NoError(t, json.Unmarshal([]byte(s.harden(t, 2, "rehearse", "--json", "--mode", mode).Stdout), &m))
				assert.Zero(t, m.Counts.Wrong, mode)
				assert.Zero(t, m.Counts.Explained, mode)
				assert.Zero(t, m.Counts.Unlogged, mode)
			}

			// The values that package maincf works out are those of Postfix.
			content, err := s.Mail().ReadFile("/etc/postfix/main.cf")
			require.NoError(t, err)
			main, err := maincf.Parse(content)
			require.NoError(t, err)
			for _, name := range []string{
				"compatibility_level", "smtpd_delay_reject", "smtpd_relay_restrictions", "smtpd_relay_before_recipient_restrictions",
			} {
				result, err := s.Mail().Run(t.Context(), "postconf", "-x", "-h", name)
				require.NoError(t, err)
				value, _ := main.Resolve(name)
				assert.Equal(t, strings.TrimSpace(result.Stdout), value, name)
			}
		})
	}
}
