package tests

import (
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ucs-harden/tests/documents"
)

var update = flag.Bool("update", false, "write docs/layers.svg afresh; the test fails all the same: look at the picture")

// docs/layers.svg shows the imports as they are: go test ./tests -run TestPictureOfTheImports -update
func TestPictureOfTheImports(t *testing.T) {
	const picture = root + "/docs/layers.svg"
	imports := map[string][]string{}
	for _, p := range listPackages(t) {
		folder := strings.TrimPrefix(p.ImportPath, module)
		for _, imported := range p.Imports {
			if path, ours := strings.CutPrefix(imported, module); ours {
				imports[folder] = append(imports[folder], path)
			}
		}
	}
	want := documents.Layers(readImportRules(t).layers, imports)
	shown, err := os.ReadFile(picture)
	if *update {
		require.NoError(t, os.WriteFile(picture, []byte(want), 0o644))
	} else {
		require.NoError(t, err)
	}
	assert.Equal(t, want, string(shown), "docs/layers.svg is not up to date: go test ./tests -run TestPictureOfTheImports -update")
}
