package expectation_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"ucs-harden/expectation"
	"ucs-harden/plan"
)

func TestOf(t *testing.T) {
	main := map[string]string{
		"same": "permit_mynetworks,\n reject", "classes": "theirs, $ours", "other": "x", "lacks": "theirs $ourselves",
	}
	master := map[string]string{"submission/inet/a": "yes"}
	wrong := expectation.Of(plan.Expectation{
		Main:   map[string]string{"same": "permit_mynetworks reject", "other": "y"},
		Holds:  map[string]string{"classes": "$ours", "lacks": "$ours"},
		Master: map[string]map[string]string{"submission/inet": {"a": "yes", "b": "no"}},
	}, func(name string) string { return main[name] },
		func(entry, parameter string) string { return master[entry+"/"+parameter] })
	assert.Equal(t, []expectation.Mismatch{
		{Path: "/etc/postfix/main.cf", Name: "other", Got: "x", Want: "y"},
		{Path: "/etc/postfix/main.cf", Name: "lacks", Got: "theirs $ourselves", Want: "$ours", Holds: true},
		{Path: "/etc/postfix/master.cf", Name: "submission/inet/b", Want: "no"},
	}, wrong, "blanks and commas both separate the words of a list")
	assert.Contains(t, wrong[1].Finding().Hint, "lacks = theirs $ourselves, $ours")
	assert.Contains(t, wrong[2].Finding().Hint, "look for b in /etc/postfix/master.cf.local")
}
