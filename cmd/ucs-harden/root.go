package main

import (
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"time"

	"github.com/sirupsen/logrus"
	"github.com/spf13/cobra"

	"ucs-harden/internal/run"
	"ucs-harden/report"
)

// Where the tool keeps its state, and its lock.
const (
	stateDir = "/var/lib/ucs-harden"
	lockFile = "/run/ucs-harden.lock"
)

// global is what every command shares.
type global struct {
	*terminal
	root    string
	ldif    string // a file
	export  []byte // what it has
	json    bool
	verbose bool
	log     *logrus.Logger
	runner  runner
	stopped bool // Postfix was found not running
}

// live tells whether the commands work on this machine, not on an archive.
func (g *global) live() bool { return g.root == "" || g.root == "/" }

func (g *global) path(p string) string { return filepath.Join("/", g.root, p) }

func (g *global) style(full bool) report.Style { return report.Style{Color: g.color(), Full: full} }

// extras are commands of builds that are not installed, see man.go.
var extras []func(root *cobra.Command) *cobra.Command

func newRootCommand(t *terminal) *cobra.Command {
	g := &global{terminal: t, log: logrus.New()}
	g.log.SetOutput(io.Discard)
	g.log.SetFormatter(&logrus.TextFormatter{DisableColors: true, FullTimestamp: true, TimestampFormat: time.RFC3339Nano})
	root := &cobra.Command{
		Use:   "ucs-harden",
		Short: "Harden the Postfix of a Univention Corporate Server",
		Long: `ucs-harden hardens the mail server of a Univention Corporate Server: it shows
what it would change, applies it, watches before it refuses, and can always go
back. It changes the server through the Univention Configuration Registry.

Begin with "ucs-harden plan --mode warn".
` + exitHelp,
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          noArgs,
		RunE:          func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
		PersistentPreRunE: func(cmd *cobra.Command, _ []string) error {
			if g.verbose {
				g.log.SetOutput(cmd.ErrOrStderr())
				g.log.SetLevel(logrus.DebugLevel)
			}
			g.runner = loggingRunner{faulty(run.System{}), g.log}
			return g.checkFlags(cmd)
		},
		CompletionOptions: cobra.CompletionOptions{DisableDefaultCmd: true},
	}
	flags := root.PersistentFlags()
	flags.StringVar(&g.root, "root", "", "plan on the files below `DIR` (an archived /etc); runs no program")
	flags.StringVar(&g.ldif, "ldif", "", "take the directory from the LDIF `FILE` instead of asking LDAP")
	flags.BoolVar(&g.json, "json", false, "print JSON for scripts")
	flags.BoolVar(&t.noColor, "no-color", t.noColor, "no colours, also on a terminal")
	flags.BoolVarP(&g.verbose, "verbose", "v", false, "log every program that is run")
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		// Of a mistyped command cobra would only say that it has no such option.
		if words := cmd.Flags().Args(); len(words) > 0 && !cmd.HasParent() {
			return unknownCommand(cmd, words[0])
		}
		return usage("%s", err)
	})
	root.SetHelpCommand(newHelpCommand(root))
	root.AddCommand(
		newPlanCommand(g), newApplyCommand(g), newConfirmCommand(g), newRollbackCommand(g), newRecoverCommand(g), newWatchCommand(g),
		newRehearseCommand(g), newCheckCommand(g), newHistoryCommand(g), newStatusCommand(g), newSyncCommand(g),
		newVersionCommand(g), newCompletionCommand(root),
	)
	root.AddCommand(newKeeperCommands(g)...)
	for _, extra := range extras {
		root.AddCommand(extra(root))
	}
	return root
}

// archived are the commands that work below --root.
var archived = map[string]bool{"plan": true, "status": true, "history": true, "list": true, "version": true, "help": true, "completion": true, "man": true}

func (g *global) checkFlags(cmd *cobra.Command) error {
	if g.root != "" {
		root, err := filepath.Abs(g.root)
		if err != nil {
			return usage("cannot use --root: %s", err)
		}
		g.root = root
	}
	if !g.live() && !archived[cmd.Name()] {
		return usage("%s cannot work below --root: it changes the running server", cmd.Name())
	}
	return g.readExport()
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

// unknownCommand says which commands the word may have been meant for.
func unknownCommand(root *cobra.Command, word string) error {
	err := fmt.Errorf("unknown command %q", word)
	root.SuggestionsMinimumDistance = 2
	if meant := root.SuggestionsFor(word); len(meant) > 0 {
		return &failure{code: exitUsage, hint: "did you mean: ucs-harden " + strings.Join(meant, " or ucs-harden "), err: err}
	}
	return usage("%w", err)
}

func newHelpCommand(root *cobra.Command) *cobra.Command {
	return &cobra.Command{
		Use:   "help [COMMAND]",
		Short: "Help about any command",
		RunE: func(_ *cobra.Command, args []string) error {
			cmd, rest, err := root.Find(args)
			if err != nil || len(rest) > 0 {
				return unknownCommand(root, strings.Join(args, " "))
			}
			cmd.InitDefaultHelpFlag() // as --help does, so that both say the same
			return cmd.Help()
		},
	}
}
