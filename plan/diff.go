package plan

import (
	"bytes"

	"github.com/rogpeppe/go-internal/diff"
)

// Unified is the unified diff of two contents of one file, with the names a/PATH and b/PATH. It is empty when the
// contents are equal.
func Unified(path, before, after string) string {
	out := diff.Diff("a"+path, []byte(before), "b"+path, []byte(after))
	// The library puts a line "diff OLD NEW" first. patch(1) does not need it, and a reader does not either.
	if i := bytes.IndexByte(out, '\n'); i >= 0 && bytes.HasPrefix(out, []byte("diff ")) {
		out = out[i+1:]
	}
	return string(out)
}
