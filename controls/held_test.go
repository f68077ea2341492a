package controls_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"ucs-harden/controls"
	"ucs-harden/plan"
	"ucs-harden/restrictions"
)

// A stronger layer holds one variable of ours at the value that it has, while all controls get another mode. Nothing blocks
// the sync, nothing that Postfix asks is missing, no service is left with an empty list, and a second sync has nothing to do.
func TestAHeldVariableWhileModesChange(t *testing.T) {
	const list, services = "mail/postfix/submission/restrictions/recipient/", "mail/postfix/mastercf/options/"
	all := []plan.Mode{plan.Off, plan.Warn, plan.Enforce}
	for _, from := range all {
		before := inEveryList()
		before.modesAre(from)
		before.synced(t, nil)
		before.synced(t, nil)
		for _, to := range all {
			goal := before.clone()
			goal.modesAre(to)
			goal.synced(t, nil)
			for _, key := range slices.Sorted(maps.Keys(before.normal)) {
				value := before.normal[key]
				if !strings.HasPrefix(key, "mail/postfix/") || goal.normal[key] == value {
					continue
				}
				t.Run(string(from)+" to "+string(to)+" "+key, func(t *testing.T) {
					s := before.clone()
					s.forced[key] = value
					s.modesAre(to)
					d := s.synced(t, nil)
					for _, f := range (&plan.Plan{Findings: d.Findings}).Blocking(nil) {
						assert.True(t, d.Spared()[f.ID], "%s blocks", f.ID)
					}
					uses := false
					for _, service := range []string{"smtps", "submission"} {
						of, _ := s.Get(services + service + "/smtpd_recipient_restrictions")
						uses = uses || of != ""
					}
					if uses {
						refuses := func(v restrictions.Variable) bool { return strings.Contains(v.Value, "reject") }
						assert.True(t, slices.ContainsFunc(s.variables(list), refuses), "465 or 587 has a list that refuses nothing")
						s.namesNothingMissing(t)
					}
					again := s.synced(t, nil)
					assert.Empty(t, again.Variables())
					assert.Empty(t, again.Files())
					now := controls.RunningOf(s.rendered()).Modes()
					for name, causes := range d.Left() {
						if len(causes) == 0 || name == "stopped" {
							continue
						}
						assert.NotEqual(t, to, now[name], "%s does not stay as it ran", name)
					}
				})
			}
		}
	}
}
