// Package tests checks the project as a whole.
package tests

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const module = "ucs-harden/"

// importRules are those of CONTRIBUTING.md.
type importRules struct {
	// layers are the folders, from the top down: a folder imports only folders of the layers below its own.
	layers [][]string
	// only says which folders may import a package (or one below it), by its path; ours without the module's name.
	only map[string][]string
}

// readImportRules reads the two blocks of CONTRIBUTING.md that stand behind these sentences.
func readImportRules(t *testing.T) importRules {
	t.Helper()
	page, err := os.ReadFile("../CONTRIBUTING.md")
	require.NoError(t, err)
	rules := importRules{only: map[string][]string{}}
	for _, line := range block(t, string(page), "A folder imports only folders of the lines below its own:") {
		rules.layers = append(rules.layers, strings.Split(line, ", "))
	}
	for _, line := range block(t, string(page), "packages from elsewhere, are imported only by:") {
		what, who, found := strings.Cut(line, "   ")
		require.True(t, found, line)
		for _, path := range strings.Split(what, ", ") {
			rules.only[path] = strings.Split(strings.TrimSpace(who), ", ")
		}
	}
	return rules
}

// block is the indented block behind a sentence.
func block(t *testing.T, page, sentence string) []string {
	t.Helper()
	_, rest, found := strings.Cut(page, sentence+"\n\n")
	require.True(t, found, "CONTRIBUTING.md says: %s", sentence)
	var lines []string
	for line := range strings.Lines(rest) {
		text, indented := strings.CutPrefix(strings.TrimRight(line, "\n"), "    ")
		if !indented {
			break
		}
		lines = append(lines, text)
	}
	require.NotEmpty(t, lines)
	return lines
}

// layer is the place of a folder, -1 when it has none; a folder below another one is in its layer.
func (r importRules) layer(folder string) int {
	return slices.IndexFunc(r.layers, func(layer []string) bool {
		return slices.ContainsFunc(layer, func(f string) bool { return folder == f || strings.HasPrefix(folder, f+"/") })
	})
}

// judge says what is wrong with an import, nil when nothing is.
func (r importRules) judge(folder, imported string) error {
	path, ours := strings.CutPrefix(imported, module)
	for restricted, folders := range r.only {
		if (path == restricted || strings.HasPrefix(path, restricted+"/")) && !slices.Contains(folders, folder) {
			return fmt.Errorf("only %s may", strings.Join(folders, ", "))
		}
	}
	if !ours {
		return nil
	}
	switch from, to := r.layer(folder), r.layer(path); {
	case from < 0:
		return fmt.Errorf("CONTRIBUTING.md gives %s no layer", folder)
	case to < 0:
		return fmt.Errorf("CONTRIBUTING.md gives %s no layer", path)
	case to <= from && !strings.HasPrefix(folder, path+"/"):
		return fmt.Errorf("imports run downwards only")
	}
	return nil
}

type goPackage struct {
	ImportPath string
	Imports    []string
}

func TestImportsRunDownwards(t *testing.T) {
	rules, packages := readImportRules(t), listPackages(t)
	require.NotEmpty(t, packages)
	folders := map[string]bool{}
	for _, p := range packages {
		folder := strings.TrimPrefix(p.ImportPath, module)
		if strings.HasPrefix(folder, "tests") {
			continue
		}
		folders[folder] = true
		assert.GreaterOrEqual(t, rules.layer(folder), 0, "CONTRIBUTING.md gives %s no layer", folder)
		for _, imported := range p.Imports {
			assert.NoError(t, rules.judge(folder, imported), "%s imports %s", folder, imported)
		}
	}
	for _, folder := range slices.Concat(rules.layers...) {
		assert.True(t, folders[folder], "CONTRIBUTING.md has a layer for %s, which is no package", folder)
	}
}

// The rules themselves: what the check must let pass and what it must find.
func TestJudge(t *testing.T) {
	rules := readImportRules(t)
	for _, test := range []struct {
		folder, imported string
		fine             bool
	}{
		{"controls", "ucs-harden/plan", true},
		{"plan", "ucs-harden/controls", false},
		{"plan", "ucs-harden/restrictions", false},
		{"controls", "ucs-harden/ucr", false},
		{"controls", "ucs-harden/privatepostfix", false},
		{"rules", "ucs-harden/lists", false},
		{"harden", "ucs-harden/cmd/ucs-harden", false},
		{"harden", "ucs-harden/report", false},
		{"report", "ucs-harden/harden", true},
		{"ports", "ucs-harden/transaction", true},
		{"transaction", "ucs-harden/ports", false},
		{"ucr", "ucs-harden/internal/run", true},
		{"ucr", "ucs-harden/plan", false},
		{"rehearsal", "ucs-harden/internal/run", false},
		{"cmd/ucs-harden", "ucs-harden/ucr", true},
		{"cmd/ucs-harden", "github.com/spf13/cobra/doc", true},
		{"harden", "github.com/spf13/cobra", false},
		{"internal/run", "os/exec", true},
		{"postfix", "os/exec", false},
		{"internal/run/runtest", "ucs-harden/internal/run", true},
		{"directory", "github.com/go-ldap/ldap/v3", true},
		{"controls", "github.com/go-ldap/ldif", false},
		{"report", "log", false},
		{"report", "log/slog", false},
		{"report", "logic", true},
		{"nowhere", "ucs-harden/plan", false},
	} {
		err := rules.judge(test.folder, test.imported)
		assert.Equal(t, test.fine, err == nil, "%s imports %s: %v", test.folder, test.imported, err)
	}
}

// listPackages asks the go command for the module's packages, with what their non-test files import.
func listPackages(t *testing.T) []goPackage {
	t.Helper()
	list := exec.Command("go", "list", "-e", "-json=ImportPath,Imports", "ucs-harden/...")
	var complaints strings.Builder
	list.Stderr = &complaints
	out, err := list.Output()
	require.NoError(t, err, complaints.String())

	decoder := json.NewDecoder(strings.NewReader(string(out)))
	var packages []goPackage
	for decoder.More() {
		var p goPackage
		require.NoError(t, decoder.Decode(&p))
		packages = append(packages, p)
	}
	return packages
}
