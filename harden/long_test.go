package harden

import (
	"context"
	"os/exec"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ucs-harden/plan"
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
			p := &Planned{Plan: &plan.Plan{Variables: []plan.Variable{{Key: variable, After: &value}, {Key: "gone"}}}}
			p.tooLong()
			assert.Equal(t, c.found, len(p.Findings) == 1)
			for _, f := range p.Findings {
				assert.Equal(t, "too-long:"+variable, f.ID)
				assert.Equal(t, plan.Error, f.Severity)
				assert.False(t, f.Acceptable)
				assert.NoError(t, exec.Command("true", variable+"="+value[1:]).Run())
				assert.ErrorIs(t, exec.Command("true", variable+"="+value).Run(), syscall.E2BIG)
			}
		})
	}
}

func TestAMynetworksThatTrustsTheInternet(t *testing.T) {
	s, _ := archived(t)
	main, err := s.read("/etc/postfix/main.cf")
	require.NoError(t, err)
	s.write(t, "/etc/postfix/main.cf", string(main)+"\nmynetworks = 127.0.0.0/8 0.0.0.0/0\n")
	for mode, want := range map[plan.Mode]int{plan.Enforce: 1, plan.Warn: 1, plan.Off: 0} {
		p, err := s.Plan(context.Background(), mode)
		require.NoError(t, err)
		found := 0
		for _, f := range p.Findings {
			if strings.Contains(f.Text, "0.0.0.0/0") {
				found++
				assert.Equal(t, "mynetworks-wide", f.ID)
				assert.Equal(t, plan.Warning, f.Severity)
			}
		}
		assert.Equal(t, want, found, mode)
	}
}
