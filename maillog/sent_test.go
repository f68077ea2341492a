package maillog

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func id(n int) []byte { return fmt.Appendf(nil, "%d@company.my", n) }

func TestTheFirstMessageWithAnIDTellsWhereItIsFrom(t *testing.T) {
	s := NewSent()
	assert.False(t, s.meet(sentID(s.digest(id(1)), true)))
	assert.True(t, s.meet(sentID(s.digest(id(1)), false)), "it left before")
	assert.False(t, s.meet(sentID(s.digest(id(2)), false)))
	assert.False(t, s.meet(sentID(s.digest(id(2)), true)), "a filter on this machine gives it back")
	assert.False(t, s.meet(sentID(s.digest(id(2)), false)), "it was a stranger's")
}

func TestTheMemoryOfMessageIDsIsKeptInAFile(t *testing.T) {
	s := NewSent()
	for n := range sentFull + 1000 {
		s.meet(sentID(s.digest(id(n)), n%2 == 0))
	}
	kept, err := s.MarshalBinary()
	require.NoError(t, err)
	assert.LessOrEqual(t, len(kept), 8*(2*sentFull+3))
	read := NewSent()
	require.NoError(t, read.UnmarshalBinary(kept))
	for n := range sentFull + 1000 {
		require.Equal(t, n%2 == 0, read.meet(sentID(read.digest(id(n)), false)), n)
	}
	assert.Equal(t, s.used, read.used)
	for _, damaged := range [][]byte{nil, kept[:5], kept[:len(kept)-1], kept[:20]} {
		assert.Error(t, NewSent().UnmarshalBinary(damaged))
	}
}

func TestTheMemoryOfMessageIDsHasAConstantSize(t *testing.T) {
	s := NewSent()
	for n := range 5 * sentFull {
		s.meet(sentID(s.digest(id(n)), true))
	}
	assert.LessOrEqual(t, s.used, sentFull)
	assert.True(t, s.meet(sentID(s.digest(id(5*sentFull-sentFull)), false)))
	assert.False(t, s.meet(sentID(s.digest(id(0)), false)), "the oldest ones are forgotten")
}
