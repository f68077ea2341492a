package main

import (
	"fmt"
	"os"
	"os/user"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"ucs-harden/harden"
	"ucs-harden/internal/run"
	"ucs-harden/outcome"
	"ucs-harden/report"
)

// global is shared by all commands.
type global struct {
	*terminal
	server  *harden.Server
	ldif    string // the name of an export of the directory
	json    bool
	verbose bool
}

func (g *global) style(full bool) report.Style {
	return report.Style{Color: g.color(), Full: full, Width: g.width()}
}

// extras are commands of special builds, which are not installed; see man.go.
var extras []func(root *cobra.Command) *cobra.Command

func newRootCommand(t *terminal) *cobra.Command {
	g := &global{terminal: t}
	g.server = &harden.Server{Observer: g, Version: version, After: afterStep()}
	root := &cobra.Command{
		Use:   "ucs-harden",
		Short: "Harden the Postfix of a Univention Corporate Server",
		Long: `ucs-harden hardens the mail server of a Univention Corporate Server: it shows
what it would change, applies it, watches before it refuses, and can always go
back. It changes the server through the Univention Configuration Registry.

Begin with "ucs-harden plan --mode warn".

Every change, and every attempt of one, leaves a line in syslog (facility
authpriv): who, what, ID, mode, result and exit status.`,
		Example: `  ucs-harden plan --mode warn
  ucs-harden apply --mode warn
  ucs-harden apply --mode enforce --confirm-within 10m
  ucs-harden rollback`,
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          noArgs,
		RunE:          func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
		PersistentPreRunE: func(cmd *cobra.Command, _ []string) error {
			if g.verbose {
				g.detailed()
			}
			g.server.Runner = loggingRunner{faulty(run.System{}), g.log}
			g.server.By = who() + " (" + strings.TrimPrefix(cmd.CommandPath(), "ucs-harden ") + ")"
			return g.checkFlags(cmd)
		},
		CompletionOptions: cobra.CompletionOptions{DisableDefaultCmd: true},
	}
	flags := root.PersistentFlags()
	flags.StringVar(&g.server.Root, "root", "", "plan on the files below `DIR` (an archived /etc); runs no program")
	flags.StringVar(&g.ldif, "ldif", "", "take the directory from the LDIF `FILE` instead of asking LDAP")
	flags.BoolVar(&g.json, "json", false, "print JSON for scripts")
	flags.BoolVar(&t.noColor, "no-color", t.noColor, "no colours, also on a terminal")
	flags.BoolVarP(&g.verbose, "verbose", "v", false, "log every program that is run")
	flags.Var(logFormat{t.messages}, "log-format", "what is written on standard error: text, or json, an object a line")
	completeFormats(root)
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		// If the command is mistyped, cobra would only say that the option is unknown.
		if words := cmd.Flags().Args(); len(words) > 0 && !cmd.HasParent() {
			return unknownCommand(cmd, words[0])
		}
		return usage("%s", err)
	})
	root.SetHelpFunc(help)
	root.SetHelpCommand(newHelpCommand(root))
	root.AddCommand(
		newPlanCommand(g), newApplyCommand(g), newConfirmCommand(g), newRollbackCommand(g), newRecoverCommand(g),
		newWatchCommand(g), newRehearseCommand(g), newCheckCommand(g), newHistoryCommand(g), newStatusCommand(g),
		newSyncCommand(g),
		newVersionCommand(g), newCompletionCommand(root),
	)
	root.AddCommand(newListCommands(g)...)
	for _, extra := range extras {
		root.AddCommand(extra(root))
	}
	return root
}

// who is the person at the keyboard, as far as sudo(8) or the login (pam_loginuid(8)) tells; else it is root.
func who() string {
	if name := os.Getenv("SUDO_USER"); name != "" {
		return name
	}
	if uid, err := os.ReadFile("/proc/self/loginuid"); err == nil {
		if u, err := user.LookupId(strings.TrimSpace(string(uid))); err == nil {
			return u.Username
		}
	}
	return "root"
}

// archived are the commands that work with --root.
var archived = map[string]bool{
	"plan": true, "status": true, "history": true, "list": true, "version": true, "help": true, "completion": true,
	"man": true,
}

func (g *global) checkFlags(cmd *cobra.Command) error {
	if g.server.Root != "" {
		root, err := filepath.Abs(g.server.Root)
		if err != nil {
			return usage("cannot use --root: %s", err)
		}
		g.server.Root = root
	}
	if !g.server.Live() && !archived[cmd.Name()] {
		return usage("%s cannot be used with --root: it needs the running server", cmd.Name())
	}
	return g.readExport()
}

// readExport reads the file that --ldif names, even if the command will not need it, so that a wrong name is an error
// at once. It reads the file only once, so that the file may be a pipe.
func (g *global) readExport() error {
	if g.ldif == "" {
		return nil
	}
	content, err := os.ReadFile(g.ldif)
	if err != nil {
		return outcome.Advise(outcome.Unchanged(fmt.Errorf("cannot read the directory: %w", err)),
			"look at the name given with --ldif")
	}
	g.server.Directory = &harden.Export{Name: g.ldif, Content: content}
	return nil
}

// needRoot returns an error if the command needs root on this server and is not run by root.
func (g *global) needRoot(what string) error {
	if g.server.Live() && os.Geteuid() != 0 {
		return outcome.Advise(outcome.Unchanged(fmt.Errorf("%s needs root", what)), "run it as root: sudo ucs-harden "+what)
	}
	return nil
}

func noArgs(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		if cmd.HasParent() {
			return usage("%s takes no arguments, but was given %q", cmd.Name(), args[0])
		}
		return unknownCommand(cmd, args[0])
	}
	return nil
}

// unknownCommand makes an error about an unknown command. The hint names similar commands.
func unknownCommand(root *cobra.Command, word string) error {
	root.SuggestionsMinimumDistance = 2
	if meant := root.SuggestionsFor(word); len(meant) > 0 {
		return misused("did you mean: ucs-harden "+strings.Join(meant, " or ucs-harden "), "unknown command %q", word)
	}
	return usage("unknown command %q", word)
}

func newHelpCommand(root *cobra.Command) *cobra.Command {
	return &cobra.Command{
		Use:     "help [COMMAND]",
		Short:   "Help about any command",
		Example: "  ucs-harden help suspend add",
		RunE: func(_ *cobra.Command, args []string) error {
			cmd, rest, err := root.Find(args)
			if err != nil || len(rest) > 0 {
				return unknownCommand(root, strings.Join(args, " "))
			}
			cmd.InitDefaultHelpFlag() // --help does this too, so both print the same text
			return cmd.Help()
		},
	}
}
