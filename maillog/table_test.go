package maillog

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestATableIsAMap: whatever is put and removed, also where digests share a slot, and it grows and shrinks.
func TestATableIsAMap(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	table, expected := newTable[mail](), map[uint64]*mail{}
	for n := range 200_000 {
		digest := (random.Uint64N(20_000) + 1) << 30
		if most := n / 100 % 1500; len(expected) > most || random.IntN(2) == 0 && len(expected) > 0 {
			for digest = range expected {
				break
			}
			table.remove(digest)
			delete(expected, digest)
			table.remove(1)
			continue
		}
		o := &mail{}
		table.put(digest, o)
		expected[digest] = o
		require.Same(t, o, table.get(digest))
	}
	for digest := range uint64(20_001) {
		require.Equal(t, expected[digest<<30] != nil, table.get(digest<<30) != nil)
	}
	assert.Len(t, table.all(), len(expected))
	for digest := range expected {
		table.remove(digest)
	}
	assert.Empty(t, table.all())
	assert.LessOrEqual(t, len(table.slots), fewest)
}
