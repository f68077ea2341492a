package plan

import (
	"bytes"

	"github.com/rogpeppe/go-internal/diff"
)

// Unified is the unified diff of two contents of one file, with the names
// a/PATH and b/PATH; empty when they are equal.
func Unified(path, before, after string) string {
	out := diff.Diff("a"+path, []byte(before), "b"+path, []byte(after))
	// The library puts a line "diff OLD NEW" in front, which patch(1) does
	// not need and which would be one more line to read.
	if i := bytes.IndexByte(out, '\n'); i >= 0 && bytes.HasPrefix(out, []byte("diff ")) {
		out = out[i+1:]
	}
	return string(out)
}
