package tests

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// What CONTRIBUTING.md names is there, and every folder of tests and of code is named.
func TestContributing(t *testing.T) {
	page, err := os.ReadFile("../CONTRIBUTING.md")
	require.NoError(t, err)
	var rows, named []string
	path := regexp.MustCompile("`([a-z][A-Za-z0-9_./-]*/[A-Za-z0-9_./-]*)`")
	for line := range strings.Lines(string(page)) {
		if !strings.HasPrefix(line, "| ") {
			continue
		}
		rows = append(rows, line)
		for _, m := range path.FindAllStringSubmatch(line, -1) {
			named = append(named, m[1])
			info, err := os.Stat("../" + m[1])
			if assert.NoError(t, err, "a row names it: %s", strings.TrimSpace(line)) {
				assert.Equal(t, info.IsDir(), strings.HasSuffix(m[1], "/"), "a folder ends with a slash: %s", m[1])
			}
		}
	}
	for _, everyday := range []string{
		"the text of a REJECT", "`-o` option", "registry layer", "a control, or a new one", "exit status", "LDAP filter of the domain controllers",
		"place of our check", "step of apply", "column of status", "a hint", "rehearsal matrix", "Debian package that the tests need",
	} {
		assert.True(t, slices.ContainsFunc(rows, func(row string) bool { return strings.Contains(row, everyday) }), "a row says where to change: %s", everyday)
	}
	for _, p := range listPackages(t) {
		folder := strings.TrimPrefix(p.ImportPath, module) + "/"
		known := func(n string) bool {
			return n == folder || strings.HasPrefix(folder, n) && strings.HasSuffix(n, "/") && n != "tests/"
		}
		assert.True(t, slices.ContainsFunc(named, known) || folder == "tests/", "CONTRIBUTING.md names %s", folder)
	}
}
