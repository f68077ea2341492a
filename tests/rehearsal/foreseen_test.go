package rehearsal_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ucs-harden/rehearsal"
)

// What a plan foretells from the rules is what a Postfix then answers: the same kinds of mail, and as many messages.
func TestWhatAPlanForetellsIsTrue(t *testing.T) {
	t.Parallel() // it waits, while others compute
	s := newServer(t)
	consequences := func(code int, arguments ...string) map[string]int {
		var answer struct{ Consequences []rehearsal.Consequence }
		require.NoError(t, json.Unmarshal([]byte(s.harden(t, code, arguments...).Stdout), &answer))
		messages := map[string]int{}
		for _, c := range answer.Consequences {
			messages[string(c.Change)+" "+c.Rule] = c.Messages
		}
		return messages
	}
	s.UCR(t, "set", "mail/harden/local-only/account/clerk/account=clerk", "mail/harden/protected/list/staff/address=staff@company.my",
		"mail/harden/relay/systems=10.99.1.50", "mail/harden/relay/foreign-sender/mode=enforce")
	for _, step := range []struct{ today, next string }{
		{"off", "warn"}, {"off", "enforce"}, {"enforce", "warn"}, {"enforce", "off"},
	} {
		t.Run(step.today+" to "+step.next, func(t *testing.T) {
			s.harden(t, 0, "apply", "--yes", "--no-evidence", "--no-rehearsal", "--mode", step.today)
			foretold := consequences(2, "plan", "--json", "--mode", step.next)
			assert.NotEmpty(t, foretold)
			assert.Equal(t, consequences(2, "rehearse", "--json", "--mode", step.next), foretold)
		})
	}
}
