//go:build !amd64

package maillog

const hasQuick = false

// stride is longer than a block: all is looked at by lineEnds.find.
const stride = block + 1

func splitLines(*splitting) {}

func findEnds(*byte, int, *uint16) int { return 0 }
