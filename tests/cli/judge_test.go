package cli_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestWhatAnErrorMustSay(t *testing.T) {
	for stderr, good := range map[string]bool{
		"": true,
		"error: cannot apply: it is so; nothing was changed\nhint: do this\n":                                     true,
		"error: unknown flag: --x\nhint: ucs-harden help shows the commands and their options\n":                  true,
		"error: cannot apply: it is so\nhint: do this\n":                                                          false,
		"error: cannot apply: it is so; nothing was changed\n":                                                    false,
		"error: cannot apply: it is so; nothing was changed\nhint: \n":                                            false,
		"error: cannot apply: a\nb; nothing was changed\nhint: do this\n":                                         false,
		"panic: x\nerror: cannot apply: it is so; nothing was changed\nhint: do this\n":                           false,
		"error: cannot a: cannot b: cannot c; nothing was changed\nhint: do this\n":                               false,
		"error: cannot apply: it is so; nothing was changed\nhint: ucs-harden -v shows every program that is run": false,
	} {
		assert.Equal(t, good, judge(stderr, true) == nil, "%q", stderr)
	}
	assert.NoError(t, judge("error: cannot plan: it is so\nhint: do this\n", false))
}
