package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"ucs-harden/controls"
	"ucs-harden/exceptions"
	"ucs-harden/lists"
	"ucs-harden/report"
)

// newExceptionCommands makes the commands that keep the list of exceptions: allow, disallow and exceptions.
func newExceptionCommands(g *global) []*cobra.Command {
	var out []*cobra.Command
	for _, c := range controls.All() {
		if c.List == exceptions.List {
			k := listCommands{g, c, c.List}
			out = append(out, k.allowCommand(), k.disallowCommand(), k.exceptionsCommand())
		}
	}
	return out
}

func (k listCommands) allowCommand() *cobra.Command {
	given := map[string]*string{}
	var o changeOptions
	cmd := &cobra.Command{
		Use:   "allow NAME {--client NETWORK | --sender SENDER | --client NETWORK --sender SENDER} --reason WHY",
		Short: k.Short, SuggestFor: []string{"exempt", "except", "exception", "permit", "whitelist", "allowlist"},
		Long: k.Long + `

If there is an exception of this NAME already, only the values given as options are
changed. An option with an empty value removes the old value.
` + k.controlHelp(),
		Example: k.Examples, Args: k.oneName, ValidArgsFunction: k.completeEntries(""),
		RunE: func(cmd *cobra.Command, args []string) error {
			fields := map[string]string{}
			for field, value := range given {
				if cmd.Flags().Changed(field) {
					fields[field] = *value
				}
			}
			return k.add(cmd.Context(), args[0], fields, o)
		},
	}
	option := func(field, help string) {
		given[field] = new(string)
		cmd.Flags().StringVar(given[field], field, "", help)
	}
	option("client", "the client: an address, or a `NETWORK` such as 192.0.2.0/28; any client if it is not given")
	option("sender", "the envelope `SENDER`: a mail address, or a domain with its sub-domains;"+
		" any of yours if it is not given")
	option("reason", "`WHY` the exception is needed; must be given")
	option("owner", "`WHO` is responsible for it")
	option("expires", "the last `DAY` of the exception: a date such as 2027-01-31, or 30d for 30 days from today")
	k.nowFlag(cmd, &o.now)
	return cmd
}

func (k listCommands) disallowCommand() *cobra.Command {
	var o changeOptions
	cmd := &cobra.Command{
		Use: "disallow NAME", Short: "Take an exception back", SuggestFor: []string{"unallow", "forbid"},
		Long: `Removes the exception of this name from ` + k.All + `.
A name that no exception has is an error: it may be mistyped.`,
		Example: "  ucs-harden disallow scanner --now",
		Args:    k.oneName, ValidArgsFunction: k.completeEntries(""),
		RunE: func(cmd *cobra.Command, args []string) error {
			return k.remove(cmd.Context(), lists.Which{Name: args[0]}, o)
		},
	}
	k.nowFlag(cmd, &o.now)
	return cmd
}

func (k listCommands) exceptionsCommand() *cobra.Command {
	var full bool
	cmd := &cobra.Command{
		Use: "exceptions", Short: "Show the exceptions, and when each was last used",
		SuggestFor: []string{"exemptions", "allowed"},
		Long: `Shows ` + k.All + `: for whom each is, why, who is
responsible for it, and whether it is in force. As far as the mail log has been read,
it also shows when each was last used, and which were not used for 45 days.`,
		Example: "  ucs-harden exceptions --full", Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := k.g.needUCS(); err != nil {
				return err
			}
			all, err := k.g.server.Exceptions(cmd.Context())
			if err != nil {
				return err
			}
			if k.g.json {
				return report.JSON(k.g.out, all)
			}
			return report.ExceptionsText(k.g.out, all, k.g.style(full))
		},
	}
	cmd.Flags().BoolVar(&full, "full", false, "show long texts in full")
	return cmd
}

// oneName checks that a command is given the name of one exception.
func (k listCommands) oneName(cmd *cobra.Command, args []string) error {
	if len(args) == 1 && args[0] != "" {
		return nil
	}
	given := "none"
	if len(args) > 0 {
		given = strings.Trim(fmt.Sprintf("%q", args), "[]")
	}
	return usage("%s takes one NAME, but was given %s", cmd.Name(), given)
}
