package main

import (
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"github.com/stretchr/testify/assert"
)

// commands calls f for each command.
func commands(root *cobra.Command, f func(*cobra.Command)) {
	f(root)
	for _, cmd := range root.Commands() {
		commands(cmd, f)
	}
}

// A new option or command whose completion offers the files of the current folder would make this fail.
func TestFilesAreCompletedOnlyWhereOneIsMeant(t *testing.T) {
	root := newRootCommand(newTerminal(strings.NewReader(""), &strings.Builder{}, &strings.Builder{}))
	files := map[string]bool{}
	commands(root, func(cmd *cobra.Command) {
		if cmd.Name() != "man" { // of a special build
			assert.True(t, cmd.ValidArgsFunction != nil || len(cmd.ValidArgs) > 0, "the arguments of %s", cmd.CommandPath())
		}
		cmd.LocalFlags().VisitAll(func(f *pflag.Flag) {
			complete, has := cmd.GetFlagCompletionFunc(f.Name)
			if f.Value.Type() == "bool" {
				return
			}
			if !assert.True(t, has, "%s --%s", cmd.CommandPath(), f.Name) || f.Name == "accept" { // which makes a plan
				return
			}
			if _, directive := complete(cmd, nil, ""); directive&cobra.ShellCompDirectiveNoFileComp == 0 {
				files[f.Name] = true
			}
		})
	})
	assert.Equal(t, map[string]bool{"plan": true, "ldif": true, "root": true, "html": true, "dmarc": true}, files)
}

func TestTheListOfCommandsFitsTheTerminal(t *testing.T) {
	root := newRootCommand(newTerminal(strings.NewReader(""), &strings.Builder{}, &strings.Builder{}))
	commands(root, func(cmd *cobra.Command) {
		width := 2 + cmd.NamePadding() + 1 + len(cmd.Short)
		assert.LessOrEqual(t, width, 80, "%s: %s", cmd.CommandPath(), cmd.Short)
	})
}
