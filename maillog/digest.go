package maillog

import (
	"encoding/binary"
	"math/bits"
)

// digest multiplies eight bytes after the other with a constant, from a secret key on, and folds the 128 bits of the
// product. A hash of the standard library cannot be kept in a file. It is never 0, and never 1.
func digest(key uint64, b []byte) uint64 {
	const factor = 0x9e3779b97f4a7c15
	h := key ^ uint64(len(b))*factor
	for ; len(b) > 8; b = b[8:] {
		high, low := bits.Mul64(h^binary.LittleEndian.Uint64(b), factor)
		h = high ^ low
	}
	last := uint64(0)
	for i, c := range b {
		last |= uint64(c) << (8 * i)
	}
	high, low := bits.Mul64(h^last, factor)
	h = high ^ low
	high, low = bits.Mul64(h^key, factor)
	return high ^ low | 2
}
