package maillog

// stride is what findEnds looks at in one step.
const stride = 64

// findEnds puts the places of the line ends among steps*stride bytes from p on to out, which has room for one more than
// there are, and returns their number.
//
//go:noescape
func findEnds(p *byte, steps int, out *uint16) int
