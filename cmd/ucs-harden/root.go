package main

import (
	"errors"
	"fmt"
	"os"
	"os/user"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"ucs-harden/controls"
	"ucs-harden/harden"
	"ucs-harden/internal/run"
	"ucs-harden/outcome"
	"ucs-harden/report"
	"ucs-harden/ucr"
)

// global is shared by all commands.
type global struct {
	*terminal
	server  *harden.Server
	ldif    string // the name of an export of the directory
	json    bool
	verbose bool
	version bool
}

func (g *global) style(full bool) report.Style {
	return report.Style{Color: g.color(), Full: full, Width: g.width()}
}

// extras are commands of special builds, which are not installed; see man.go.
var extras []func(root *cobra.Command) *cobra.Command

func newRootCommand(t *terminal) *cobra.Command {
	g := &global{terminal: t}
	g.server = &harden.Server{Observer: g, Version: version, After: afterStep(), Now: clock()}
	root := &cobra.Command{
		Use:   "ucs-harden",
		Short: "Harden the Postfix of a Univention Corporate Server",
		Long: `ucs-harden hardens the mail server of a Univention Corporate Server: it shows
what it would change, applies it, watches before it refuses, and can always go
back. It changes the server through the Univention Configuration Registry.

Begin with "ucs-harden plan --mode warn".

What was applied follows by itself when modes, lists, mail domains or accounts
change: see "ucs-harden help sync".

Each control has a mode (mail/harden/CONTROL/mode), and some have a list, which a
command keeps:
` + controlsHelp() + `
Every change, and every attempt of one, leaves a line in syslog (facility
authpriv): who, what, ID, mode, result and exit status.`,
		Example: `  ucs-harden plan --mode warn
  ucs-harden apply --mode warn
  ucs-harden apply --mode enforce --confirm-within 10m
  ucs-harden rollback`,
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if g.version {
				return g.runVersion()
			}
			return cmd.Help()
		},
		PersistentPreRunE: func(cmd *cobra.Command, _ []string) error {
			g.prepare(cmd)
			return g.checkFlags(cmd)
		},
		CompletionOptions: cobra.CompletionOptions{DisableDefaultCmd: true},
	}
	flags := root.PersistentFlags()
	root.Flags().BoolVar(&g.version, "version", false, "print the version")
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
			return unknownCommand(cmd, words...)
		}
		return wrongOption(cmd, err)
	})
	root.SetHelpFunc(help)
	root.SetHelpCommand(newHelpCommand(root))
	root.AddCommand(
		newPlanCommand(g), newApplyCommand(g), newConfirmCommand(g), newRollbackCommand(g), newRecoverCommand(g),
		newWatchCommand(g), newRehearseCommand(g), newCheckCommand(g), newHistoryCommand(g), newStatusCommand(g),
		newMetricsCommand(g),
		newSyncCommand(g), newReportCommand(g), newReplayCommand(g), newFleetCommand(g),
		newVersionCommand(g), newCompletionCommand(root),
	)
	root.AddCommand(newListCommands(g)...)
	root.AddCommand(newExceptionCommands(g)...)
	for _, extra := range extras {
		root.AddCommand(extra(root))
	}
	completeNoFiles(root)
	return root
}

// prepare makes the server ready to run programs for a command.
func (g *global) prepare(cmd *cobra.Command) {
	if g.verbose {
		g.detailed()
	}
	g.server.Runner = loggingRunner{faulty(run.System{}), g.log}
	g.server.By = who() + " (" + strings.TrimPrefix(cmd.CommandPath(), "ucs-harden ") + ")"
}

// controlsHelp names the controls, with the commands that keep their lists.
func controlsHelp() string {
	var out strings.Builder
	for _, c := range controls.All() {
		command := ""
		if c.List != nil {
			command = "ucs-harden " + c.List.Verb
		}
		out.WriteString(strings.TrimRight(fmt.Sprintf("  %-17s%s", c.Name, command), " ") + "\n")
	}
	return out.String()
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
	"plan": true, "status": true, "metrics": true, "history": true, "list": true, "exceptions": true, "version": true, "help": true, "completion": true,
	"man": true, "replay": true, "report": true,
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

// needServer returns an error if the command is about this machine, and is not run by root, or this is not a UCS server.
func (g *global) needServer(what string) error {
	if g.server.Live() && os.Geteuid() != 0 {
		return outcome.Advise(outcome.Unchanged(fmt.Errorf("%s needs root", what)), "run it as root: sudo ucs-harden "+what)
	}
	return g.needUCS()
}

// needUCS returns an error if this machine is not a UCS server: it has neither ucr nor a registry. If it only lacks ucr,
// the error of the program that is missing says more.
func (g *global) needUCS() error {
	if !g.server.Live() || run.Installed("ucr") == nil {
		return nil
	}
	if _, err := ucr.Load(g.server.Root); !errors.Is(err, ucr.ErrNoRegistry) {
		return nil
	}
	return outcome.Advise(outcome.Unchanged(errors.New("this is not a UCS server (no ucr)")),
		"run it on a UCS mail server, or plan on a copy of its /etc: ucs-harden plan --root DIR")
}

func noArgs(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		if cmd.HasParent() {
			return superfluous(cmd, args)
		}
		return unknownCommand(cmd, args...)
	}
	return nil
}

func newHelpCommand(root *cobra.Command) *cobra.Command {
	return &cobra.Command{
		Use:     "help [COMMAND]",
		Short:   "Help about any command",
		Example: "  ucs-harden help suspend add", ValidArgsFunction: completeCommands(root),
		RunE: func(_ *cobra.Command, args []string) error {
			cmd, rest, err := root.Find(args)
			switch {
			case err != nil, len(rest) > 0 && cmd == root:
				return unknownCommand(root, args...)
			case len(rest) > 0:
				return usage("unknown command %q", strings.Join(args, " "))
			}
			cmd.InitDefaultHelpFlag() // --help does this too, so both print the same text
			return cmd.Help()
		},
	}
}
