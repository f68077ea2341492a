package mynetworks_test

import (
	"net/netip"
	"testing"

	"github.com/stretchr/testify/assert"

	"ucs-harden/mynetworks"
)

// many are n addresses of one host each, no two of which are neighbours.
func many(n int) []netip.Prefix {
	out := make([]netip.Prefix, n)
	for i := range out {
		a := 2 * i
		out[i] = netip.PrefixFrom(netip.AddrFrom4([4]byte{10, byte(a >> 16), byte(a >> 8), byte(a)}), 32)
	}
	return out
}

// A directory may have thousands of domain controllers. With work that grows with the square of their number this test
// takes minutes.
func TestManySystems(t *testing.T) {
	wanted := many(20_000)
	next, added := mynetworks.Parse("127.0.0.0/8").Replace(nil, wanted)
	assert.Equal(t, wanted, added)
	again, added := next.Replace(added, wanted)
	assert.Equal(t, next.String(), again.String())
	assert.Len(t, added, 20_000)
	none, added := next.Replace(added, nil)
	assert.Equal(t, "127.0.0.0/8", none.String())
	assert.Empty(t, added)
	assert.Len(t, next.Prefixes(), 20_001)
}
