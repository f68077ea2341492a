package maillog

import (
	"encoding/binary"
	"math/bits"
)

// digest multiplies eight bytes after the other with a constant, from a secret key on, and folds the 128 bits of the
// product. A hash of the standard library cannot be kept in a file. It is never 0, and never 1.
func digest(key uint64, all []byte) uint64 {
	const factor = 0x9e3779b97f4a7c15
	h := key ^ uint64(len(all))*factor
	b := all
	for ; len(b) > 8; b = b[8:] {
		high, low := bits.Mul64(h^binary.LittleEndian.Uint64(b), factor)
		h = high ^ low
	}
	last := uint64(0)
	if len(all) >= 8 { // the rest is the end of the last eight bytes
		last = binary.LittleEndian.Uint64(all[len(all)-8:]) >> (64 - 8*len(b))
	} else {
		for i, c := range b {
			last |= uint64(c) << (8 * i)
		}
	}
	high, low := bits.Mul64(h^last, factor)
	h = high ^ low
	high, low = bits.Mul64(h^key, factor)
	return high ^ low | 2
}
