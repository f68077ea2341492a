package wishes_test

import (
	"os/exec"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"

	"ucs-harden/plan"
	"ucs-harden/wishes"
)

// An argument of a program has at most 128 KiB (execve(2)). The plan finds that before anything changes.
func TestAVariableThatUCRCannotSet(t *testing.T) {
	const variable = "mail/postfix/mynetworks"
	for sentence, c := range map[string]struct {
		length int
		found  bool
	}{
		"the longest value that fits": {128*1024 - 1 - len(variable+"="), false},
		"one byte more":               {128*1024 - len(variable+"="), true},
	} {
		t.Run(sentence, func(t *testing.T) {
			value := strings.Repeat("x", c.length)
			findings := wishes.TooLong([]plan.Variable{{Key: variable, After: &value}, {Key: "gone"}})
			assert.Equal(t, c.found, len(findings) == 1)
			for _, f := range findings {
				assert.Equal(t, "too-long:"+variable, f.ID)
				assert.Equal(t, plan.Error, f.Severity)
				assert.False(t, f.Acceptable)
				assert.NoError(t, exec.Command("true", variable+"="+value[1:]).Run())
				assert.ErrorIs(t, exec.Command("true", variable+"="+value).Run(), syscall.E2BIG)
			}
		})
	}
}
