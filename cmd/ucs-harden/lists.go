package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"ucs-harden/controls"
	"ucs-harden/lists"
	"ucs-harden/plan"
)

// listCommands are the commands that change and show the list of one control in the registry.
type listCommands struct {
	g       *global
	control controls.Control
	*lists.List
}

// newListCommands makes the commands that keep the lists: send-as, suspend, restrict and protect.
func newListCommands(g *global) []*cobra.Command {
	var out []*cobra.Command
	for _, c := range controls.All() {
		if c.List == nil || c.List.ByName() {
			continue
		}
		k := listCommands{g, c, c.List}
		cmd := &cobra.Command{
			Use: k.Verb, Short: k.Short + " (control " + c.Name + ")", Long: k.Long + "\n" + k.controlHelp(),
			Example: k.Examples, Args: k.noWord, SuggestFor: otherVerbs[k.Verb],
			RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
		}
		cmd.AddCommand(k.addCommand(), k.removeCommand(), k.listCommand())
		out = append(out, cmd)
	}
	return out
}

// otherVerbs are other words for the commands.
var otherVerbs = map[string][]string{
	"suspend": {"stop", "block", "lock", "disable"}, "send-as": {"sender", "alias"}, "restrict": {"limit"}, "protect": {"guard"},
}

// controlHelp names the control and its variables: the command has another name, because it says what is done.
func (k listCommands) controlHelp() string {
	return `
The list belongs to the control ` + k.control.Name + `, and counts as its mode says:
  ` + k.control.ModeVariable + `
Its entries are the registry variables
  ` + k.Prefix + `NAME/…
`
}

// noWord is for the command without add, remove or list: it says which of them is meant.
func (k listCommands) noWord(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	command := "ucs-harden " + k.Verb + " "
	hint := "did you mean: " + command + "add " + plan.Quote(args[0])
	if meant := subcommands(cmd, args[0]); len(meant) > 0 {
		hint = "did you mean: " + command + strings.Join(meant, " or "+command)
	}
	return misused(hint, "unknown command %q: %s knows add, remove and list", args[0], cmd.Name())
}

func (k listCommands) addCommand() *cobra.Command {
	given := map[string]*string{}
	var name string
	var o changeOptions
	cmd := &cobra.Command{
		Use: "add " + k.what(), Short: "Add an entry, or change an existing one", SuggestFor: []string{"new", "set", "create"},
		Long: `Adds an entry to ` + k.All + `. If there
is one already, only the values given as options are changed. An option with an
empty value removes the old value.` + k.nowHelp(),
		Args: k.oneSubject,
		RunE: func(cmd *cobra.Command, args []string) error {
			fields := map[string]string{}
			for field, value := range given {
				if cmd.Flags().Changed(field) {
					fields[field] = *value
				}
			}
			if len(args) > 0 {
				fields[k.Subject] = args[0]
			}
			if o.holdQueue && !o.now {
				return usage("--hold-queue needs --now")
			}
			return k.add(cmd.Context(), name, fields, o)
		},
	}
	flags := cmd.Flags()
	option := func(field, help string) {
		given[field] = new(string)
		flags.StringVar(given[field], field, "", help)
	}
	if k.Groups {
		cmd.Use = "add {ACCOUNT | --group GROUP}"
		option("group", "all members of this `GROUP`: its name or its DN")
	}
	if k.As {
		cmd.Use = "add {ACCOUNT --as SENDERS | --group GROUP | --list ADDRESS}"
		option("list", "all members of the mailing list with this `ADDRESS`")
		option("as", "they may write as these `SENDERS`, addresses and domains with blanks between;"+
			" for a group or a list, its own address if this is not given")
	}
	if k.Senders {
		option("senders", "only these `SENDERS`, addresses and domains with blanks between, may write to it")
	}
	option("reason", "`WHY` it is listed")
	option("owner", "`WHO` is responsible for the entry")
	option("expires", "the last `DAY` of the entry: a date such as 2027-01-31, or 30d for 30 days from today")
	flags.StringVar(&name, "name", "", "the `NAME` of the entry in the registry; by default made from the "+k.subjects())
	k.nowFlag(cmd, &o.now)
	if k.OwnMode {
		flags.BoolVar(&o.holdQueue, "hold-queue", false, "with --now, put its messages in the mail queue on hold")
	}
	return cmd
}

func (k listCommands) removeCommand() *cobra.Command {
	var which lists.Which
	var o changeOptions
	given := map[string]*string{} // what the entry is about, by its kind
	cmd := &cobra.Command{
		Use: "remove {" + k.what() + " | NAME}", Short: "Remove an entry", SuggestFor: []string{"delete", "del", "rm", "unset", "lift"},
		Long: `Removes an entry from ` + k.All + `.
The entry is given by its ` + k.subjects() + `, or by its name. An entry that is
not in the list is an error: it may be mistyped.`,
		Args: func(cmd *cobra.Command, args []string) error {
			var options []string
			for _, option := range append(k.kinds(), "name") {
				if cmd.Flags().Changed(option) {
					options = append(options, "--"+option)
				}
			}
			switch {
			case len(options) > 1:
				return usage("%s remove takes one of %s", cmd.Parent().Name(), strings.Join(options, " and "))
			case len(options) == 1 && len(args) > 0:
				return usage("%s remove takes %s or %s, not both", cmd.Parent().Name(), k.what(), options[0])
			case len(options) == 0:
				return k.oneArgument(cmd, args)
			}
			if value, err := cmd.Flags().GetString(options[0][2:]); err != nil || value == "" {
				return usage("%s needs a value", options[0])
			}
			return nil
		},
		ValidArgsFunction: k.completeEntries(""),
		RunE: func(cmd *cobra.Command, args []string) error {
			which.Word = slices.Concat(args, []string{""})[0]
			for kind, value := range given {
				if *value != "" {
					which.Kind, which.Word = kind, *value
				}
			}
			return k.remove(cmd.Context(), which, o)
		},
	}
	cmd.Flags().StringVar(&which.Name, "name", "", "remove exactly the entry with this `NAME`")
	completeFlag(cmd, "name", k.completeEntries(""))
	for _, kind := range k.kinds() {
		given[kind] = new(string)
		cmd.Flags().StringVar(given[kind], kind, "", "remove the entry about this `"+kindWords[kind]+"`")
		completeFlag(cmd, kind, k.completeEntries(kind))
	}
	if len(given) > 0 {
		cmd.Use = "remove {" + k.what() + " | NAME"
		for _, kind := range k.kinds() {
			cmd.Use += " | --" + kind + " " + kindWords[kind]
		}
		cmd.Use += "}"
	}
	k.nowFlag(cmd, &o.now)
	return cmd
}

// kinds are the options that say what an entry is about in place of an account or address, for add and for remove.
func (k listCommands) kinds() []string {
	switch {
	case k.As:
		return []string{"group", "list"}
	case k.Groups:
		return []string{"group"}
	}
	return nil
}

// kindWords are the words for their values in usage texts.
var kindWords = map[string]string{"group": "GROUP", "list": "ADDRESS"}

func (k listCommands) listCommand() *cobra.Command {
	var full bool
	cmd := &cobra.Command{
		Use: "list", Short: "Show the list", SuggestFor: []string{"show", "ls", "status"},
		Long: `Shows ` + k.All + `. Entries that have
expired or cannot be used are marked. Registry variables that also decide whom
the control affects are shown as well. The last line shows the mode of the
control.`,
		Args: noArgs,
		RunE: func(*cobra.Command, []string) error { return k.show(full) },
	}
	cmd.Flags().BoolVar(&full, "full", false, "show long texts in full")
	return cmd
}

func (k listCommands) nowFlag(cmd *cobra.Command, now *bool) {
	help := `apply the change at once: run "ucs-harden sync" afterwards`
	if k.OwnMode {
		help = "bring this one change into effect at once, in every mode"
	}
	cmd.Flags().BoolVar(now, "now", false, help)
}

// nowHelp describes --now where it is more than a sync.
func (k listCommands) nowHelp() string {
	if !k.OwnMode {
		return ""
	}
	return `

With --now the account is stopped at once, and nothing else is done: in every mode
of ` + k.control.Name + `, while the directory does not answer, and while an apply waits
to be confirmed. Nothing but "` + k.Verb + ` remove" lifts that. It says how many sessions
of the account are open, which can go on until they end, and how many of its
messages are in the queue.`
}

func (k listCommands) oneArgument(cmd *cobra.Command, args []string) error {
	if len(args) == 1 && args[0] != "" {
		return nil
	}
	given := "none"
	if len(args) > 0 {
		given = strings.Trim(fmt.Sprintf("%q", args), "[]")
	}
	return usage("%s %s takes one %s, but was given %s", cmd.Parent().Name(), cmd.Name(), k.what(), given)
}

// oneSubject checks that add is given one account or address, or one option in its place.
func (k listCommands) oneSubject(cmd *cobra.Command, args []string) error {
	var instead []string
	for _, option := range k.kinds() {
		if cmd.Flags().Changed(option) {
			instead = append(instead, "--"+option)
		}
	}
	switch {
	case len(instead) == 0:
		return k.oneArgument(cmd, args)
	case len(instead) > 1:
		return usage("%s add takes %s, not both", cmd.Parent().Name(), strings.Join(instead, " or "))
	case len(args) > 0:
		return usage("%s add takes an account or %s, not both", cmd.Parent().Name(), instead[0])
	}
	return nil
}

// subjects are what an entry can be about, in words.
func (k listCommands) subjects() string {
	if k.As {
		return k.Subject + ", group or list"
	}
	if k.Groups {
		return k.Subject + " or group"
	}
	return k.Subject
}

// what is the word in usage texts for the subject of an entry, such as ACCOUNT.
func (k listCommands) what() string { return strings.ToUpper(k.Subject) }
