package maillog

import "golang.org/x/sys/cpu"

// hasQuick reports whether the processor has what splitLines and findEnds32 need. Nearly all since 2013 have it, some
// virtual ones do not.
var hasQuick = cpu.X86.HasAVX2 && cpu.X86.HasBMI1 && cpu.X86.HasBMI2

// splitLines reads lines as splitSlowly does. buf has at least ahead bytes behind the host of a line that begins at
// beyond.
//
//go:noescape
func splitLines(s *splitting)

// findEnds puts the places of the line ends among steps*stride bytes from p on to out, which has room for one more than
// there are, and returns their number.
func findEnds(p *byte, steps int, out *uint16) int {
	if hasQuick {
		return findEnds32(p, steps, out)
	}
	return findEnds16(p, steps, out)
}

//go:noescape
func findEnds32(p *byte, steps int, out *uint16) int

//go:noescape
func findEnds16(p *byte, steps int, out *uint16) int

// stride is what findEnds looks at in one step.
const stride = 64
