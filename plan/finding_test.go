package plan_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"ucs-harden/plan"
)

func TestBlockingAndAccepting(t *testing.T) {
	held := plan.Finding{ID: "held:x", Severity: plan.Error, Text: "x is held"}
	dormant := plan.Finding{ID: "dormant:y", Severity: plan.Error, Acceptable: true}
	risk := plan.Finding{ID: "risk", Severity: plan.Warning}
	p := &plan.Plan{Findings: []plan.Finding{held, dormant, risk}}

	for _, c := range []struct {
		sentence string
		accepted []string
		blocking []plan.Finding
		err      string
	}{
		{"errors stop an apply, warnings do not", nil, []plan.Finding{held, dormant}, ""},
		{"an acceptable error stops no more when it is named", []string{"dormant:y"}, []plan.Finding{held}, ""},
		{"to name a warning does no harm", []string{"risk"}, []plan.Finding{held, dormant}, ""},
		{"what cannot be accepted goes on stopping", []string{"held:x", "dormant:y"}, []plan.Finding{held}, "the finding held:x cannot be accepted: x is held"},
		{"a slip of the pen accepts nothing, and is said", []string{"dormant"}, []plan.Finding{held, dormant}, `the plan has no finding "dormant"; it has: held:x, dormant:y, risk`},
	} {
		t.Run(c.sentence, func(t *testing.T) {
			assert.Equal(t, c.blocking, p.Blocking(c.accepted))
			if c.err == "" {
				assert.NoError(t, p.UnknownAccepted(c.accepted))
			} else {
				assert.EqualError(t, p.UnknownAccepted(c.accepted), c.err)
			}
		})
	}
	assert.EqualError(t, (&plan.Plan{}).UnknownAccepted([]string{"x"}), `the plan has no finding "x"; it has: none`)
}

func TestState(t *testing.T) {
	made := plan.State{}
	made.Add("file /etc/postfix/main.cf", []byte("a"))
	made.Add("file /etc/postfix/main.cf.local", nil)
	made.Add("variable mail/harden/mode", []byte{})
	assert.NotContains(t, made["file /etc/postfix/main.cf"], "a\n", "a hash, not the content")
	assert.NotEqual(t, made["file /etc/postfix/main.cf.local"], made["variable mail/harden/mode"], "absent is not empty")

	for _, c := range []struct {
		sentence string
		change   func(plan.State)
		want     []string
	}{
		{"nothing has changed", func(plan.State) {}, nil},
		{"a content has changed", func(s plan.State) { s.Add("file /etc/postfix/main.cf", []byte("b")) }, []string{"file /etc/postfix/main.cf"}},
		{"a file has appeared", func(s plan.State) { s.Add("file /etc/postfix/main.cf.local", []byte{}) }, []string{"file /etc/postfix/main.cf.local"}},
		{"a file has gone", func(s plan.State) { s.Add("file /etc/postfix/main.cf", nil) }, []string{"file /etc/postfix/main.cf"}},
		{"a variable has gone", func(s plan.State) { delete(s, "variable mail/harden/mode") }, []string{"variable mail/harden/mode"}},
		{"there are new variables; the names come sorted", func(s plan.State) {
			s.Add("variable mail/b", []byte("1"))
			s.Add("variable mail/a", []byte("1"))
		}, []string{"variable mail/a", "variable mail/b"}},
	} {
		t.Run(c.sentence, func(t *testing.T) {
			now := plan.State{}
			for k, v := range made {
				now[k] = v
			}
			c.change(now)
			assert.Equal(t, c.want, made.Stale(now))
		})
	}
}

func TestWhereNothingChangesOnlyWhatCannotBeAcceptedBlocks(t *testing.T) {
	p := &plan.Plan{Findings: []plan.Finding{
		{ID: "bad", Severity: plan.Error}, {ID: "known", Severity: plan.Error, Acceptable: true}, {ID: "odd", Severity: plan.Warning},
	}}
	assert.Equal(t, []string{"known"}, p.AcceptableIDs())
	assert.Equal(t, p.Findings[:1], p.Blocking(p.AcceptableIDs()))
}
