package maillog

import (
	"bytes"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestAllLineEndsAreFound: those of blocks of every length up to some strides, with few and with many line ends, and no
// byte behind the block.
func TestAllLineEndsAreFound(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	var e lineEnds
	for length := range 300 {
		for _, every := range []int{1, 2, 7, 60, 1000} {
			b := make([]byte, length+1)
			for i := range b {
				b[i] = byte(random.IntN(256))
				if random.IntN(every) == 0 {
					b[i] = '\n'
				}
			}
			b[length] = '\n'
			b = b[:length]
			var expected []uint16
			for i, c := range b {
				if c == '\n' {
					expected = append(expected, uint16(i))
				}
			}
			n := e.find(b)
			require.Equal(t, expected, append([]uint16(nil), e[:n]...), "%q", b)
		}
	}
	whole := bytes.Repeat([]byte("\n"), block)
	require.Equal(t, block, e.find(whole))
	require.Equal(t, uint16(block-1), e[block-1])
}
