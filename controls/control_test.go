package controls_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ucs-harden/controls"
	"ucs-harden/plan"
)

// reading notes which variables are read.
type reading struct {
	layers
	keys map[string]bool
}

func (r reading) Get(key string) (string, bool) { r.keys[key] = true; return r.layers.Get(key) }

func (r reading) IsTrue(key string) bool { r.keys[key] = true; return r.layers.IsTrue(key) }

// A descriptor that forgets a variable would hide it from "list", and from the test that asks for its description.
func TestEveryVariableThatIsReadIsDeclared(t *testing.T) {
	declared := controls.General()
	for _, c := range controls.All() {
		declared = append(declared, c.Patterns()...)
	}
	read := map[string]bool{}
	for seed := range uint64(50) {
		for _, mode := range []plan.Mode{plan.Warn, plan.Enforce} {
			s := withLists(seed)
			for _, c := range controls.All() {
				if c.List == nil {
					continue
				}
				for _, field := range c.List.Fields() {
					s.normal[c.List.Prefix+"x/"+field] = "x"
				}
			}
			f := s.facts()
			f.Registry = reading{f.Registry.(layers), read}
			states, _, err := controls.Modes(f.Registry, mode, false)
			require.NoError(t, err)
			controls.Ask(f.Registry, states)
			controls.Maps(f.Registry, states)
			_, _ = controls.Desire(f, mode) // what was read until an error was read as well
		}
	}
	used := map[string]bool{}
	for key := range read {
		if !strings.HasPrefix(key, "mail/harden/") {
			continue
		}
		i := slices.IndexFunc(declared, func(pattern string) bool { return regexp.MustCompile("^" + pattern + "$").MatchString(key) })
		if assert.GreaterOrEqual(t, i, 0, "no control has the variable %s", key) {
			used[declared[i]] = true
		}
	}
	for _, pattern := range declared {
		assert.True(t, used[pattern], "nobody reads %s", pattern)
	}
}

func TestControlsAreKnownByTheirNames(t *testing.T) {
	for _, name := range controls.Names() {
		c, known := controls.ByName(name)
		assert.True(t, known)
		assert.Equal(t, name, c.Name)
		assert.Equal(t, c.ModeVariable, controls.ModeOf(name))
	}
	_, known := controls.ByName("nonsense")
	assert.False(t, known)
}
