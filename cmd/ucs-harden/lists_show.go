package main

import (
	"github.com/spf13/cobra"

	"ucs-harden/lists"
	"ucs-harden/report"
)

// show prints the list.
func (k listCommands) show(full bool) error {
	l, err := k.g.server.List(k.control)
	if err != nil {
		return err
	}
	if k.g.json {
		return report.JSON(k.g.out, l)
	}
	return report.ListText(k.g.out, l, k.g.style(full))
}

// names returns the names of the entries for completion. The description is the account, group or address.
func (k listCommands) names() []cobra.Completion {
	l, err := k.g.server.List(k.control)
	if err != nil {
		return nil // the command itself will say why
	}
	var out []cobra.Completion
	for _, e := range l.Entries {
		out = append(out, cobra.CompletionWithDesc(e.Name, lists.Shown(e.About())))
	}
	return out
}
