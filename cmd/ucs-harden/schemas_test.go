package main

import (
	"bytes"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ucs-harden/evidence"
	"ucs-harden/fleet"
	"ucs-harden/harden"
	"ucs-harden/history"
	"ucs-harden/plan"
	"ucs-harden/rehearsal"
	"ucs-harden/report"
	"ucs-harden/tests/schema"
)

// printed are the Go types of the JSON outputs, by their schemas.
var printed = map[string]reflect.Type{
	"check.json":       reflect.TypeFor[rehearsal.Comparison](),
	"error.json":       reflect.TypeFor[failure](),
	"fleet.json":       reflect.TypeFor[fleet.Fleet](),
	"history.json":     reflect.TypeFor[history.History](),
	"list-change.json": reflect.TypeFor[listResult](),
	"list.json":        reflect.TypeFor[harden.List](),
	"plan.json":        reflect.TypeFor[report.PlanView](),
	"exceptions.json":  reflect.TypeFor[harden.Exceptions](),
	"rehearsal.json":   reflect.TypeFor[rehearsal.Matrix](),
	"report.json":      reflect.TypeFor[evidence.Report](),
	"result.json":      reflect.TypeFor[result](),
	"rollback.json":    reflect.TypeFor[rolledBack](),
	"status.json":      reflect.TypeFor[harden.Status](),
	"version.json":     reflect.TypeFor[programVersion](),
}

// written are the types that write their JSON themselves, with types that look like it.
var written = map[reflect.Type]reflect.Type{
	reflect.TypeFor[plan.Rendered]():    reflect.TypeFor[[]plan.RenderedFile](),
	reflect.TypeFor[rehearsal.Matrix](): reflect.TypeFor[rehearsal.MatrixView](),
}

// A schema describes what the program can print, and nothing else.
func TestSchemasAreThoseOfTheOutputs(t *testing.T) {
	visited := map[string]bool{}
	for _, kind := range schema.Kinds() {
		if kind == "definitions.json" {
			continue
		}
		if assert.Contains(t, printed, kind, "no output has this schema") {
			assert.NoError(t, schema.Compare(kind, printed[kind], written, visited))
		}
	}
	for kind := range printed {
		assert.Contains(t, schema.Kinds(), kind)
	}
	definitions, err := schema.Definitions()
	require.NoError(t, err)
	for _, name := range definitions {
		assert.True(t, visited[name], "nothing uses the definition %s", name)
	}
}

// Every command has a row in schemas/README.md, and every row is about a command.
func TestEveryCommandHasASchema(t *testing.T) {
	rows := map[string]string{}
	for _, row := range schema.Rows() {
		command, _, _ := strings.Cut(row.Command, " --")
		rows[command] = row.Kind
		if row.Kind != schema.None {
			assert.Contains(t, printed, row.Kind)
		}
	}
	var walk func(*cobra.Command)
	var commands []string
	walk = func(cmd *cobra.Command) {
		for _, sub := range cmd.Commands() {
			walk(sub)
		}
		if !cmd.HasSubCommands() {
			name := strings.TrimPrefix(cmd.CommandPath(), "ucs-harden ")
			commands = append(commands, name)
			assert.Contains(t, rows, name, "a command without a row")
		}
	}
	var out, complaints bytes.Buffer
	root := newRootCommand(newTerminal(&bytes.Buffer{}, &out, &complaints))
	root.InitDefaultHelpCmd() // cobra adds it when the root command is executed
	walk(root)
	commands = append(commands, "--version") // the option of the root command
	for command := range rows {
		assert.True(t, slices.Contains(commands, command), "there is no command %s", command)
	}
}
