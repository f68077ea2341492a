package runtest_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ucs-harden/internal/run"
	"ucs-harden/internal/run/runtest"
)

func TestFakeAnswersByTheLongestMatch(t *testing.T) {
	fake := runtest.New().Reply("any\n").Reply("ucr\n", "ucr").Reply("get\n", "ucr", "get").Fail(1, "no", "ucr", "get", "x")
	for _, c := range []struct {
		argv []string
		want string
	}{
		{[]string{"postfix", "check"}, "any\n"},
		{[]string{"ucr"}, "ucr\n"},
		{[]string{"ucr", "set", "get"}, "ucr\n"},
		{[]string{"ucr", "get", "y"}, "get\n"},
	} {
		result, err := fake.Run(t.Context(), run.Cmd{Argv: c.argv})
		require.NoError(t, err)
		assert.Equal(t, c.want, string(result.Stdout))
	}
	_, err := fake.Run(t.Context(), run.Cmd{Argv: []string{"ucr", "get", "x"}})
	assert.EqualError(t, err, "ucr get x: exit status 1: no")
	assert.Equal(t, []string{"postfix check", "ucr", "ucr set get", "ucr get y", "ucr get x"}, fake.Lines())
}

func TestFakeKnowsNoOtherProgram(t *testing.T) {
	_, err := runtest.New().Reply("", "postmap").Run(t.Context(), run.Cmd{Argv: []string{"ucr"}})
	assert.ErrorIs(t, err, run.ErrNotFound)
}

func TestFakeObeysItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := runtest.New().Reply("").Run(ctx, run.Cmd{Argv: []string{"ucr"}})
	assert.ErrorIs(t, err, context.Canceled)
}
