// Package tests checks the project as a whole.
package tests

import (
	"encoding/json"
	"errors"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const module = "ucs-harden/"

// allowed says which of our folders the program's own folders may import. Imports only go downwards, and the drivers
// (ucr, postfix, directory) are reached through interfaces that their users define. "" is everything. A folder that is
// not listed may import none of ours.
var allowed = map[string][]string{
	"cmd/ucs-harden":       {""},
	"rehearsal":            {"baseline", "plan", "mastercf"},
	"report":               {"transaction", "rehearsal", "baseline", "plan", "restrictions", "mastercf", "hosteddomains"},
	"transaction":          {"baseline", "plan", "restrictions", "mastercf", "hosteddomains"},
	"baseline":             {"plan", "restrictions", "mastercf", "hosteddomains"},
	"ucr":                  {"internal/run"},
	"postfix":              {"internal/run"},
	"directory":            {"internal/run"},
	"internal/run/runtest": {"internal/run"},
}

// only says which folders may import a certain package of another project, or a package below it.
var only = map[string][]string{
	"os/exec":                    {"internal/run"},
	"github.com/go-ldap":         {"directory"},
	"github.com/spf13":           {"cmd/ucs-harden"},
	"github.com/sirupsen/logrus": {"cmd/ucs-harden"},
	"golang.org/x/term":          {"cmd/ucs-harden"},
	"log":                        {"cmd/ucs-harden"},
}

type goPackage struct {
	ImportPath string
	Imports    []string
}

func TestImportsRunDownwards(t *testing.T) {
	packages := listPackages(t)
	require.NotEmpty(t, packages)
	for _, p := range packages {
		folder := strings.TrimPrefix(p.ImportPath, module)
		if strings.HasPrefix(folder, "tests") {
			continue
		}
		for _, imported := range p.Imports {
			assert.NoError(t, judge(folder, imported), "%s imports %s", folder, imported)
		}
	}
}

// TestJudge tries the rules themselves: which imports the check must allow and which it must report.
func TestJudge(t *testing.T) {
	for _, test := range []struct {
		folder, imported string
		fine             bool
	}{
		{"baseline", "ucs-harden/plan", true},
		{"plan", "ucs-harden/baseline", false},
		{"plan", "ucs-harden/restrictions", false},
		{"baseline", "ucs-harden/ucr", false},
		{"ucr", "ucs-harden/internal/run", true},
		{"ucr", "ucs-harden/plan", false},
		{"cmd/ucs-harden", "ucs-harden/postfix", true},
		{"cmd/ucs-harden", "github.com/spf13/cobra/doc", true},
		{"ucr", "github.com/spf13/cobra", false},
		{"internal/run", "os/exec", true},
		{"postfix", "os/exec", false},
		{"directory", "github.com/go-ldap/ldap/v3", true},
		{"baseline", "github.com/go-ldap/ldif", false},
		{"report", "log", false},
		{"report", "log/slog", false},
		{"report", "logic", true},
	} {
		err := judge(test.folder, test.imported)
		assert.Equal(t, test.fine, err == nil, "%s imports %s: %v", test.folder, test.imported, err)
	}
}

func judge(folder, imported string) error {
	if ours, ok := strings.CutPrefix(imported, module); ok {
		if !slices.ContainsFunc(allowed[folder], func(may string) bool { return may == "" || may == ours }) {
			return errors.New("not allowed: imports run downwards only (CONTRIBUTING.md)")
		}
		return nil
	}
	for restricted, folders := range only {
		if (imported == restricted || strings.HasPrefix(imported, restricted+"/")) && !slices.Contains(folders, folder) {
			return errors.New("not allowed: only in " + strings.Join(folders, ", "))
		}
	}
	return nil
}

// listPackages asks the go command for the packages of the module and the imports of their non-test files.
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
