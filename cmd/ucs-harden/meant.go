package main

import (
	"errors"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"ucs-harden/controls"
	"ucs-harden/harden"
	"ucs-harden/internal/similar"
	"ucs-harden/outcome"
	"ucs-harden/plan"
)

// Suggestions for a mistyped or unknown word. They are empty if nothing is similar.

// modeWords are other words for the modes. One who wants a control "on" begins with warn.
var modeWords = map[string]plan.Mode{
	"disable": plan.Off, "disabled": plan.Off, "none": plan.Off, "no": plan.Off, "false": plan.Off, "0": plan.Off,
	"on": plan.Warn, "enable": plan.Warn, "enabled": plan.Warn, "yes": plan.Warn, "true": plan.Warn, "1": plan.Warn,
	"log": plan.Warn, "watch": plan.Warn, "monitor": plan.Warn, "audit": plan.Warn, "test": plan.Warn, "permissive": plan.Warn,
	"reject": plan.Enforce, "refuse": plan.Enforce, "block": plan.Enforce, "deny": plan.Enforce, "strict": plan.Enforce,
	"enforcing": plan.Enforce,
}

// meantMode is the mode that a word may mean, "" for none.
func meantMode(word string) plan.Mode {
	word = strings.ToLower(strings.TrimSpace(word))
	modes := []string{string(plan.Off), string(plan.Warn), string(plan.Enforce)}
	if slices.Contains(modes, word) {
		return plan.Mode(word)
	}
	if mode, ok := modeWords[word]; ok {
		return mode
	}
	if near := similar.To(word, modes); len(near) > 0 {
		return plan.Mode(near[0])
	}
	return ""
}

// subcommands are the subcommands that a word may mean: mistyped ones, and those for which the word is another one.
func subcommands(cmd *cobra.Command, word string) []string {
	cmd.SuggestionsMinimumDistance = 2
	return cmd.SuggestionsFor(word)
}

// controlHint says what to do with a control whose name stands where a command or an argument is expected, "" when the
// word is no control.
func controlHint(word string, rest []string) string {
	names := controls.Names()
	near := similar.To(word, names)
	if i := slices.IndexFunc(names, func(name string) bool { return len(word) > 4 && strings.HasPrefix(name, word) }); i >= 0 {
		near = names[i : i+1]
	}
	c, known := controls.ByName(slices.Concat(near, []string{word})[0])
	switch {
	case !known:
		return ""
	case c.List != nil && c.List.Verb != word && !c.List.ByName():
		command := []string{"did you mean: ucs-harden", c.List.Verb}
		for _, arg := range rest {
			command = append(command, plan.Quote(arg))
		}
		if len(rest) > 0 {
			return strings.Join(command, " ")
		}
		return strings.Join(command, " ") + modeHint("; its mode is in ", c)
	}
	return modeHint(c.Name+" is a control; its mode is in ", c)
}

func modeHint(begin string, c controls.Control) string {
	return begin + c.ModeVariable + "; ucs-harden status shows it"
}

// unknownCommand is the error about an unknown command. words are that word and what follows it.
func unknownCommand(root *cobra.Command, words ...string) error {
	word := words[0]
	hint := controlHint(word, words[1:])
	if meant := subcommands(root, word); hint == "" && len(meant) > 0 {
		hint = "did you mean: ucs-harden " + strings.Join(meant, " or ucs-harden ")
	}
	if mode := meantMode(word); hint == "" && mode != "" {
		hint = "did you mean: ucs-harden apply --mode " + string(mode)
	}
	if hint == "" {
		return usage("unknown command %q", strings.Join(words, " "))
	}
	return misused(hint, "unknown command %q", word)
}

// superfluous is the error about an argument of a command that takes none.
func superfluous(cmd *cobra.Command, args []string) error {
	const text = "%s takes no arguments, but was given %q"
	mode, control := meantMode(args[0]), controlHint(args[0], nil)
	switch {
	case control != "" && !cmd.HasSubCommands():
		return misused(control, text, cmd.Name(), args[0])
	case mode == "":
		return usage(text, cmd.Name(), args[0])
	case cmd.Flags().Lookup("mode") != nil:
		return misused("did you mean: "+cmd.CommandPath()+" --mode "+string(mode), text, cmd.Name(), args[0])
	}
	return misused("did you mean: ucs-harden apply --mode "+string(mode), text, cmd.Name(), args[0])
}

// otherOptions are what somebody may look for who gives an option that a command does not have.
var otherOptions = map[string]string{
	"apply --dry-run": "ucs-harden plan", "sync --dry-run": "ucs-harden plan", "apply --force": "ucs-harden apply --accept FINDING",
	"plan --accept": "ucs-harden apply --accept FINDING", "plan --yes": "ucs-harden apply --yes",
	"status --mode": "ucs-harden plan --mode MODE", "sync --mode": "ucs-harden apply --mode MODE",
}

// wrongOption is the error about an option, with the option that was meant.
func wrongOption(cmd *cobra.Command, err error) error {
	var unknown *pflag.NotExistError
	if !errors.As(err, &unknown) {
		return usage("%s", err)
	}
	name := unknown.GetSpecifiedName()
	if other := otherOptions[cmd.Name()+" --"+name]; other != "" {
		return misused("did you mean: "+other, "%s", err)
	}
	if name == "version" {
		return misused("did you mean: ucs-harden --version", "%s", err)
	}
	if mode := plan.Mode(strings.ToLower(name)); cmd.Flags().Lookup("mode") != nil && mode != "" && meantMode(name) == mode {
		return misused("did you mean: "+cmd.CommandPath()+" --mode "+string(mode), "%s", err)
	}
	var names, meant []string
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		if f.Hidden {
			return
		}
		names = append(names, f.Name)
		if strings.HasPrefix(f.Name, name) {
			meant = append(meant, f.Name)
		}
	})
	if len(meant) == 0 {
		meant = similar.To(name, names)
	}
	if len(meant) == 0 {
		return misused(cmd.CommandPath()+" --help shows its options", "%s", err)
	}
	return misused("did you mean: --"+strings.Join(meant, " or --"), "%s", err)
}

// wrongAccept is the error about a finding that --accept names, with the finding that was meant.
func wrongAccept(err *harden.AcceptError) error {
	hint := "ucs-harden plan shows the findings, each with its ID"
	var group *harden.UnknownGroupError
	if errors.As(err, &group) {
		hint = "ucs-harden report shows the groups, each with its name"
		if near := similar.To(group.ID, group.IDs); len(near) > 0 {
			hint = "did you mean: --accept " + plan.Quote(near[0])
		}
	}
	var unknown *plan.UnknownFindingError
	if errors.As(err, &unknown) {
		if near := similar.To(unknown.ID, unknown.IDs); len(near) > 0 {
			hint = "did you mean: --accept " + plan.Quote(near[0])
		}
	}
	return outcome.Unchanged(misused(hint, "cannot use --accept: %s", err))
}
