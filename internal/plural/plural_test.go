package plural_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"ucs-harden/internal/plural"
)

func TestCount(t *testing.T) {
	for n, want := range []string{"0 entries", "1 entry", "2 entries"} {
		assert.Equal(t, want, plural.Count(n, "entry", "entries"))
	}
}
