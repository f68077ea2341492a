package main

import (
	"context"
	"slices"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"ucs-harden/harden"
	"ucs-harden/plan"
	"ucs-harden/report"
)

// Completion prints nothing but what can be chosen. Errors are silent: the command itself says what is wrong.

// completeFlag sets the completion of an option.
func completeFlag(cmd *cobra.Command, option string, complete cobra.CompletionFunc) {
	if err := cmd.RegisterFlagCompletionFunc(option, complete); err != nil {
		panic(err) // the option is defined above every call
	}
}

// fileOptions are the options whose value is a file or a folder.
var fileOptions = map[string]cobra.ShellCompDirective{
	"plan": cobra.ShellCompDirectiveDefault, "ldif": cobra.ShellCompDirectiveDefault,
	"html": cobra.ShellCompDirectiveDefault, "dmarc": cobra.ShellCompDirectiveDefault,
	"root": cobra.ShellCompDirectiveFilterDirs,
}

// completeNoFiles keeps the shell from offering files where none is meant, which it otherwise does for every argument and
// option without a completion.
func completeNoFiles(cmd *cobra.Command) {
	if cmd.ValidArgsFunction == nil && len(cmd.ValidArgs) == 0 {
		cmd.ValidArgsFunction = cobra.NoFileCompletions
	}
	complete := func(f *pflag.Flag) {
		if _, has := cmd.GetFlagCompletionFunc(f.Name); has || f.Value.Type() == "bool" {
			return
		}
		directive, isFile := fileOptions[f.Name]
		if !isFile {
			directive = cobra.ShellCompDirectiveNoFileComp
		}
		completeFlag(cmd, f.Name, cobra.FixedCompletions(nil, directive))
	}
	cmd.LocalFlags().VisitAll(complete)
	for _, sub := range cmd.Commands() {
		completeNoFiles(sub)
	}
}

// completeCommands completes the names of commands, for help.
func completeCommands(root *cobra.Command) cobra.CompletionFunc {
	return func(_ *cobra.Command, args []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
		cmd, rest, err := root.Find(args)
		if err != nil || len(rest) > 0 {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		var out []cobra.Completion
		for _, sub := range cmd.Commands() {
			if !sub.Hidden {
				out = append(out, cobra.CompletionWithDesc(sub.Name(), sub.Short))
			}
		}
		return out, cobra.ShellCompDirectiveNoFileComp
	}
}

// completeChanges completes the IDs of the changes that are in effect, the newest first.
func (g *global) completeChanges(_ *cobra.Command, args []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
	const directive = cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveKeepOrder
	changes, err := g.server.InEffect()
	if err != nil || len(args) > 0 {
		return nil, directive
	}
	var out []cobra.Completion
	for _, c := range slices.Backward(changes) {
		out = append(out, cobra.CompletionWithDesc(c.ID, c.Time.Local().Format(report.ToTheMinute)+" "+c.Modes))
	}
	return out, directive
}

// longestCompletion is how long somebody waits who has pressed the Tab key.
const longestCompletion = 5 * time.Second

// completeFindings completes the findings that block the plan of this mode now, and that can be accepted.
func (g *global) completeFindings(mode *string, all *bool) cobra.CompletionFunc {
	return func(cmd *cobra.Command, _ []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
		const directive = cobra.ShellCompDirectiveNoFileComp
		g.prepare(cmd)
		ctx, stop := context.WithTimeout(context.Background(), longestCompletion)
		defer stop()
		m, err := parseMode(*mode)
		if err != nil || g.readExport() != nil {
			return nil, directive
		}
		p, err := g.server.PlanFor(ctx, harden.Request{Mode: m, AllOff: *all && m == plan.Off})
		if err != nil {
			return nil, directive
		}
		var out []cobra.Completion
		for _, f := range p.Blocking(nil) {
			if f.Acceptable {
				out = append(out, cobra.CompletionWithDesc(f.ID, cut(f.Text)))
			}
		}
		return out, directive
	}
}
