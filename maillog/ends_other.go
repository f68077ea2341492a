//go:build !amd64

package maillog

// stride is longer than a block: all is looked at by find.
const stride = block + 1

func findEnds(*byte, int, *uint16) int { return 0 }
