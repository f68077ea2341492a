//go:build !amd64

package maillog

import "unsafe"

func splitLines(s *splitting) {
	splitSlowly(s, unsafe.Slice(s.buf, s.beyond+s.programAt+ahead), unsafe.Slice(s.ends, s.count),
		unsafe.Slice(s.patterns, 2<<placeBits))
}
