package tests

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ucs-harden/findings"
	"ucs-harden/history"
	"ucs-harden/mynetworks"
	"ucs-harden/reach"
	"ucs-harden/restrictions"
)

// TestFindingsAreMadeFromTheCatalogue: the compiler lets nobody make the ID of a finding but a kind of the catalogue.
// Whoever wrote a plan.Finding by hand would go around that.
func TestFindingsAreMadeFromTheCatalogue(t *testing.T) {
	for path, file := range sources(t) {
		folder := filepath.Dir(path)
		if folder == "findings" {
			continue
		}
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.CompositeLit:
				byHand := isName(n.Type, "plan", "Finding") || folder == "plan" && isName(n.Type, "", "Finding")
				assert.False(t, byHand && len(n.Elts) > 0, "%s makes a finding without the catalogue", path)
			case *ast.AssignStmt:
				for _, left := range n.Lhs {
					field, ok := left.(*ast.SelectorExpr)
					ofFinding := ok && field.Sel.Name == "ID" && strings.HasPrefix(variableOf(field.X), "f")
					assert.False(t, ofFinding, "%s changes the ID of a finding", path)
				}
			}
			return true
		})
	}
}

// TestEveryKindOfFindingIsMade: the other way round, the catalogue has no kind that nothing makes.
func TestEveryKindOfFindingIsMade(t *testing.T) {
	used := map[string]bool{}
	for path, file := range sources(t) {
		if filepath.Dir(path) == "findings" && filepath.Base(path) != "held.go" {
			continue
		}
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.SelectorExpr:
				if isName(n, "findings", n.Sel.Name) {
					used[n.Sel.Name] = true
				}
			case *ast.Ident:
				if filepath.Dir(path) == "findings" {
					used[n.Name] = true
				}
			}
			return true
		})
	}
	// These are made by their names, which reach, restrictions and mynetworks give.
	byName := map[string]bool{string(restrictions.NoUnauthDestination): true, string(restrictions.NoPermits): true}
	for _, list := range []reach.Kinds{reach.Main, reach.Submission} {
		for kind := range list {
			byName[string(kind)] = true
		}
	}
	for _, fault := range mynetworks.Faults {
		byName["mynetworks-"+string(fault)] = true
	}
	for name := range byName {
		assert.NotNil(t, findings.ByName(name), "the catalogue has no %s", name)
	}
	declared := catalogue(t)
	require.Len(t, declared, len(findings.All()), "each kind has one variable in the catalogue")
	for variable, name := range declared {
		if name == "" { // given by a constant
			assert.False(t, used[variable], variable)
			continue
		}
		assert.True(t, used[variable], "nothing makes a finding of kind %s (findings.%s)", name, variable)
	}
	constants := 0
	for _, name := range declared {
		if name == "" {
			constants++
		}
	}
	assert.Equal(t, len(byName), constants, "kinds named by constants: %v", byName)
}

// TestKindsSayWhatToDo: each kind is complete, and no two have one name.
func TestKindsSayWhatToDo(t *testing.T) {
	seen := map[string]bool{}
	for _, k := range findings.All() {
		assert.False(t, seen[k.Name], "two kinds have the name %s", k.Name)
		seen[k.Name] = true
		assert.NotEmpty(t, k.Weights, k.Name)
		for _, text := range []string{k.Means, k.Do} {
			assert.Regexp(t, `^\S.*[^ ,;:]$`, text, k.Name)
			assert.NotContains(t, text, "  ", k.Name)
		}
		assert.Regexp(t, `\.$`, k.Means, k.Name)
	}
}

// catalogue are the variables of package findings that hold a kind, and the names of the kinds; "" for one that a
// constant gives.
func catalogue(t *testing.T) map[string]string {
	t.Helper()
	out := map[string]string{}
	for path, file := range sources(t) {
		if filepath.Dir(path) != "findings" {
			continue
		}
		ast.Inspect(file, func(n ast.Node) bool {
			spec, ok := n.(*ast.ValueSpec)
			if !ok || len(spec.Values) != 1 {
				return true
			}
			call, ok := spec.Values[0].(*ast.CallExpr)
			if !ok {
				return true
			}
			if by, ok := call.Fun.(*ast.SelectorExpr); !ok || by.Sel.Name != "kind" {
				return true
			}
			name := ""
			if literal, ok := call.Args[0].(*ast.BasicLit); ok {
				name = strings.Trim(literal.Value, `"`)
			}
			out[spec.Names[0].Name] = name
			return true
		})
	}
	return out
}

// sources are the parsed Go files of the program, without tests, by their path from the top.
func sources(t *testing.T) map[string]*ast.File {
	t.Helper()
	files, err := parsed()
	require.NoError(t, err)
	require.NotEmpty(t, files)
	return files
}

var parsed = sync.OnceValues(func() (map[string]*ast.File, error) {
	out, set := map[string]*ast.File{}, token.NewFileSet()
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		path = strings.TrimPrefix(path, "../")
		switch {
		case err != nil:
			return err
		case d.IsDir() && (path == "tests" || path == "build" || path == "debian" || path == ".git"):
			return fs.SkipDir
		case d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go"):
			return nil
		}
		file, err := parser.ParseFile(set, "../"+path, nil, parser.SkipObjectResolution)
		out[path] = file
		return err
	})
	return out, err
})

// isName reports whether an expression is a name of a package, or a plain name if no package is given.
func isName(e ast.Expr, pkg, name string) bool {
	if selector, ok := e.(*ast.SelectorExpr); ok {
		return pkg != "" && variableOf(selector.X) == pkg && selector.Sel.Name == name
	}
	return pkg == "" && e != nil && variableOf(e) == name
}

func variableOf(e ast.Expr) string {
	if name, ok := e.(*ast.Ident); ok {
		return name.Name
	}
	return ""
}

// TestEachStateOfAChangeIsExplained: package history explains the states that package transaction has, and no others.
func TestEachStateOfAChangeIsExplained(t *testing.T) {
	var declared []string
	for path, file := range sources(t) {
		if filepath.Dir(path) != "transaction" {
			continue
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if spec, ok := n.(*ast.ValueSpec); ok && isName(spec.Type, "", "State") && len(spec.Values) == 1 {
				declared = append(declared, strings.Trim(spec.Values[0].(*ast.BasicLit).Value, `"`))
			}
			return true
		})
	}
	require.NotEmpty(t, declared)
	var explained []string
	for _, m := range history.Meanings {
		explained = append(explained, string(m.State))
		assert.NotEmpty(t, m.Means, m.State)
	}
	assert.ElementsMatch(t, declared, explained)
}
