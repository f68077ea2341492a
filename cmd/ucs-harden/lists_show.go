package main

import (
	"github.com/spf13/cobra"

	"ucs-harden/lists"
	"ucs-harden/report"
)

// show prints the list.
func (k listCommands) show(full bool) error {
	if err := k.g.needUCS(); err != nil {
		return err
	}
	l, err := k.g.server.List(k.control)
	if err != nil {
		return err
	}
	if k.g.json {
		return report.JSON(k.g.out, l)
	}
	return report.ListText(k.g.out, l, k.g.style(full))
}

// completeEntries completes the names of the entries, with the account, group or address as the description; with a kind,
// what the entries are about that have this field.
func (k listCommands) completeEntries(kind string) cobra.CompletionFunc {
	return func(_ *cobra.Command, args []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
		l, err := k.g.server.List(k.control)
		if err != nil || len(args) > 0 {
			return nil, cobra.ShellCompDirectiveNoFileComp // the command itself will say why
		}
		var out []cobra.Completion
		for _, e := range l.Entries {
			switch {
			case kind == "":
				out = append(out, cobra.CompletionWithDesc(e.Name, lists.Shown(e.About())))
			case kind == "group" && e.Group != "", kind == "list" && e.List != "":
				out = append(out, cobra.CompletionWithDesc(e.Subject(), e.Name))
			}
		}
		return out, cobra.ShellCompDirectiveNoFileComp
	}
}
