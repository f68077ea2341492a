package maillog

import "golang.org/x/sys/cpu"

// hasQuick reports whether the processor has what splitLines and findEnds need. Nearly all since 2013 have it, some virtual
// ones do not.
var hasQuick = cpu.X86.HasAVX2 && cpu.X86.HasBMI1 && cpu.X86.HasBMI2

// splitLines reads lines as splitSlowly does. buf has at least ahead bytes behind the host of a line that begins at beyond.
//
//go:noescape
func splitLines(s *splitting)

// findEnds puts the places of the line ends among steps*stride bytes from p on to out, which has room for one more than
// there are, and returns their number.
//
//go:noescape
func findEnds(p *byte, steps int, out *uint16) int
