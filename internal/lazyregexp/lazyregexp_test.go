package lazyregexp_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"ucs-harden/internal/lazyregexp"
)

func TestAnExpressionIsCompiledAtItsFirstUse(t *testing.T) {
	wrong := lazyregexp.New(`(`)
	assert.Panics(t, func() { wrong.MatchString("") })

	port := lazyregexp.New(`([a-z]+):(\d+)`)
	assert.True(t, port.MatchString("mx:25"))
	assert.Equal(t, "mx:25", port.FindString("at mx:25"))
	assert.Equal(t, []string{"mx:25", "mx", "25"}, port.FindStringSubmatch("mx:25"))
	assert.Equal(t, []int{0, 5, 0, 2, 3, 5}, port.FindStringSubmatchIndex("mx:25"))
	assert.Len(t, port.FindAllStringSubmatch("mx:25 mx:465", -1), 2)
	assert.Equal(t, "<mx:25>", port.ReplaceAllStringFunc("mx:25", func(s string) string { return "<" + s + ">" }))
}
