package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// everyCommand calls a function with each command that is shown, and how it is called, such as "suspend add".
func everyCommand(t *testing.T, do func(path string, cmd *cobra.Command)) {
	t.Helper()
	root := testRoot()
	var walk func(cmd *cobra.Command)
	walk = func(cmd *cobra.Command) {
		if !cmd.Hidden {
			do(strings.TrimPrefix(strings.TrimPrefix(cmd.CommandPath(), "ucs-harden"), " "), cmd)
		}
		for _, below := range cmd.Commands() {
			walk(below)
		}
	}
	walk(root)
}

func testRoot() *cobra.Command {
	root := newRootCommand(newTerminal(strings.NewReader(""), os.Stdout, os.Stderr))
	root.InitDefaultHelpCmd() // as executing it does
	return root
}

// codes are the exit statuses of a command.
func codes(cmd *cobra.Command) (out []int) {
	for _, e := range endsOf(cmd) {
		out = append(out, e.status)
	}
	return out
}

func TestEachCommandSaysItsExitStatuses(t *testing.T) {
	overall := codes(testRoot())
	used := map[string]bool{}
	everyCommand(t, func(path string, cmd *cobra.Command) {
		all := codes(cmd)
		require.NotEmpty(t, all, path)
		assert.True(t, slices.IsSorted(all), "%s: in ascending order", path)
		assert.Len(t, slices.Compact(slices.Clone(all)), len(all), "%s: each once", path)
		for _, code := range all {
			assert.Contains(t, overall, code, "%s: the overview has it", path)
		}
		for _, code := range []int{exitDone, exitError, exitUsage} { // execute can end every command with these
			assert.Contains(t, all, code, path)
		}
		used[ofList(path)] = true
	})
	for path := range ends {
		assert.True(t, used[path], "ends has %q, which is no command", path)
	}
}

// TestEachExitStatusIsSomebodys: each exit status in the code is one of the overview, and the other way round.
func TestEachExitStatusIsSomebodys(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "exit.go", nil, 0)
	require.NoError(t, err)
	var declared []int
	ast.Inspect(file, func(n ast.Node) bool {
		if spec, ok := n.(*ast.ValueSpec); ok && strings.HasPrefix(spec.Names[0].Name, "exit") && len(spec.Values) == 1 {
			if literal, ok := spec.Values[0].(*ast.BasicLit); ok {
				code, err := strconv.Atoi(literal.Value)
				require.NoError(t, err)
				declared = append(declared, code)
			}
		}
		return true
	})
	assert.Equal(t, declared, codes(testRoot()))
	for class, code := range statuses {
		assert.Contains(t, declared, code, "class %d", class)
	}
}

// TestTheScriptsEndAsTheCommandsSay reads the scripts of the tests: whatever exit status they expect of a command, the
// command says in its help. The other way round, the scripts have an example of each status beyond those that every
// command has, or elsewhere says where it comes from.
func TestTheScriptsEndAsTheCommandsSay(t *testing.T) {
	expected := regexp.MustCompile(`(?m)^exit ([0-9]+) (?:.* )?ucs-harden((?: [a-z-]+)*)`)
	byPath := map[string]*cobra.Command{}
	everyCommand(t, func(path string, cmd *cobra.Command) { byPath[path] = cmd })
	seen := map[string]bool{}
	for _, root := range []string{"testdata/script", "../../tests/cli/testdata"} {
		require.NoError(t, filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			script, err := os.ReadFile(path)
			require.NoError(t, err)
			for _, m := range expected.FindAllStringSubmatch(string(script), -1) {
				code, err := strconv.Atoi(m[1])
				require.NoError(t, err)
				words := strings.Fields(m[2])
				for len(words) > 0 && byPath[strings.Join(words, " ")] == nil {
					words = words[:len(words)-1]
				}
				name := strings.Join(words, " ")
				assert.Contains(t, codes(byPath[name]), code, "%s: %s", path, m[0])
				seen[ofList(name)+" "+m[1]] = true
			}
			return nil
		}))
	}
	require.NotEmpty(t, seen)
	everyCommand(t, func(path string, cmd *cobra.Command) {
		for _, code := range codes(cmd) {
			if path == "" || slices.Contains([]int{exitDone, exitError, exitUsage, exitInterrupt}, code) {
				continue
			}
			example := ofList(path) + " " + strconv.Itoa(code)
			assert.True(t, seen[example] != (elsewhere[example] != ""), "either a script or elsewhere has %q", example)
		}
	})
}

// elsewhere says for exit statuses that no script has, by command, where they come from.
var elsewhere = map[string]string{
	"apply 4":        "tests/faults: a disk that becomes full",
	"rollback 4":     "tests/faults: programs that fail",
	"sync 3":         "sync is the apply of harden.Server.walk, without questions",
	"sync 4":         "sync is the apply of harden.Server.walk, without questions",
	"confirm 11":     "harden.Server.Confirm takes the lock that apply takes",
	"LIST add 3":     "add --now is a sync, and keeps the class of its error",
	"LIST add 4":     "add --now is a sync, and keeps the class of its error",
	"LIST remove 3":  "remove --now is a sync, and keeps the class of its error",
	"LIST remove 4":  "remove --now is a sync, and keeps the class of its error",
	"LIST remove 11": "remove takes the lock that add takes",
	"allow 3":        "allow --now is a sync, and keeps the class of its error",
	"allow 4":        "allow --now is a sync, and keeps the class of its error",
	"disallow 3":     "disallow --now is a sync, and keeps the class of its error",
	"disallow 4":     "disallow --now is a sync, and keeps the class of its error",
	"disallow 11":    "disallow takes the lock that allow takes",
}
