package tests

import (
	"go/ast"
	"go/token"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ucs-harden/controls"
	"ucs-harden/manual"
)

// TestEachVariableInTheCodeIsDescribed reads all texts of the program: each variable of ours that one of them names has a
// description, from which the page about the variables is made. TestEveryControlIsComplete has the other way round.
func TestEachVariableInTheCodeIsDescribed(t *testing.T) {
	cfg, err := os.ReadFile("../" + descriptions)
	require.NoError(t, err)
	all, err := manual.Variables(cfg)
	require.NoError(t, err)
	placeholders := strings.NewReplacer("NAME", "x", "DOMAIN", "x", "CONTROL", controls.Names()[0])
	described := func(key string) bool {
		return slices.ContainsFunc(all, func(v manual.Variable) bool {
			if strings.HasSuffix(key, "/") {
				return strings.HasPrefix(v.Key, key)
			}
			pattern := "^" + strings.ReplaceAll(regexp.QuoteMeta(v.Key), `\.\*`, "[^/]+") + "$"
			return regexp.MustCompile(pattern).MatchString(placeholders.Replace(key))
		})
	}
	named, seen := regexp.MustCompile(`mail/harden/[a-zA-Z/-]*`), 0
	for path, file := range sources(t) {
		ast.Inspect(file, func(n ast.Node) bool {
			if literal, ok := n.(*ast.BasicLit); ok && literal.Kind == token.STRING {
				for _, key := range named.FindAllString(literal.Value, -1) {
					seen++
					assert.True(t, described(key), "%s names %s, which has no description", path, key)
				}
			}
			return true
		})
	}
	require.NotZero(t, seen)
}
