package harden

import (
	"context"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ucs-harden/plan"
)

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
