package main

import (
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"ucs-harden/controls"
	"ucs-harden/harden"
	"ucs-harden/history"
	"ucs-harden/manual"
)

// pages are all manual pages: one for each command, and those of section 7.
func pages(root *cobra.Command, variables []manual.Variable) []manual.Page {
	out := []manual.Page{manual.Concepts(), manual.Findings(), manual.VariablesPage(variables)}
	overview := described(root)
	overview.Sections = []manual.Section{{Heading: "COMMANDS", Terms: commandList(root)}}
	overview.SeeAlso = []string{"ucs-harden(7)", "ucs-harden-findings(7)", "ucs-harden-variables(7)"}
	for _, cmd := range root.Commands() {
		if cmd.Hidden {
			continue
		}
		out = append(out, described(cmd).Page())
		overview.SeeAlso = append(overview.SeeAlso, "ucs-harden-"+cmd.Name()+"(8)")
	}
	return append(out, overview.Page())
}

func commandList(root *cobra.Command) (out [][2]string) {
	for _, cmd := range root.Commands() {
		if !cmd.Hidden {
			out = append(out, [2]string{cmd.Name(), cmd.Short})
		}
	}
	return out
}

// described is what the manual says of a command.
func described(cmd *cobra.Command) manual.Command {
	c := manual.Command{
		Path: cmd.CommandPath(), Short: cmd.Short, Long: cmd.Long, Examples: cmd.Example,
		Files: manualFiles[cmd.Name()], SeeAlso: append([]string{}, seeAlso[cmd.Name()]...),
	}
	if c.Long == "" {
		c.Long = cmd.Short + "."
	}
	if _, isList := listOf(cmd.Name()); isList {
		c.Files, c.SeeAlso = listFiles, seeAlso["LIST"]
	}
	if cmd.Name() == "history" {
		c.Sections = []manual.Section{{Heading: "STATES", Terms: stateList()}}
	}
	c.SeeAlso = append(c.SeeAlso, "ucs-harden(7)", "ucs-harden(8)")
	if _, c.Arguments, _ = strings.Cut(cmd.Use, " "); !cmd.HasParent() {
		c.Arguments = "COMMAND …"
	}
	add := func(common bool) func(*pflag.Flag) {
		return func(f *pflag.Flag) {
			refused := f.Name == "root" && cmd.HasParent() && !cmd.HasSubCommands() && !archived[cmd.Name()]
			if f.Hidden || f.Name == "help" || refused {
				return
			}
			value, help := pflag.UnquoteUsage(f)
			c.Options = append(c.Options, manual.Option{
				Name: f.Name, Short: f.Shorthand, Value: value, Help: help,
				Common: common, InSynopsis: (!common || !cmd.HasParent()) && !strings.Contains(cmd.Use, "--"+f.Name),
			})
		}
	}
	cmd.LocalNonPersistentFlags().VisitAll(add(false))
	cmd.PersistentFlags().VisitAll(add(true))
	cmd.InheritedFlags().VisitAll(add(true))
	for _, e := range endsOf(cmd) {
		c.Statuses = append(c.Statuses, manual.Status{Code: e.status, Means: e.means})
	}
	if cmd.HasParent() {
		for _, part := range cmd.Commands() {
			c.Parts = append(c.Parts, described(part))
		}
	}
	return c
}

// stateList are the states of a change.
func stateList() (out [][2]string) {
	for _, m := range history.Meanings {
		out = append(out, [2]string{string(m.State), m.Means})
	}
	return out
}

// listOf is the control whose list a command keeps.
func listOf(verb string) (controls.Control, bool) {
	for _, c := range controls.All() {
		if c.List != nil && c.List.Verb == verb && !c.List.ByName() {
			return c, true
		}
	}
	return controls.Control{}, false
}

// The files that the pages name; manualFiles has them by command.
var (
	registryFile = manual.File{Path: "/etc/univention/base.conf", About: "the registry; ucs-harden changes it with ucr(8)"}
	mainFile     = manual.File{Path: "/etc/postfix/main.cf", About: "rendered by UCR"}
	masterFile   = manual.File{Path: "/etc/postfix/master.cf", About: "rendered by UCR"}
	tablesFile   = manual.File{Path: controls.Folder, About: "the lookup tables and restriction classes of ucs-harden"}
	historyFile  = manual.File{Path: harden.StateDir + "/history", About: "a record of each change, with what was there before"}
	journalFile  = manual.File{Path: harden.StateDir + "/journal.json", About: "how far a change has come"}
	ledgerFile   = manual.File{Path: harden.StateDir + "/ledger.json", About: "what ucs-harden has set, and what was there before"}

	changedFiles = []manual.File{registryFile, mainFile, masterFile, tablesFile, ledgerFile, journalFile, historyFile}
	readFiles    = []manual.File{registryFile, mainFile, masterFile, tablesFile, ledgerFile}
	listFiles    = []manual.File{registryFile, tablesFile}
)

var manualFiles = map[string][]manual.File{
	"apply": changedFiles, "sync": changedFiles, "rollback": changedFiles, "recover": changedFiles,
	"confirm": {journalFile, historyFile}, "history": {historyFile},
	"allow": listFiles, "disallow": listFiles, "exceptions": listFiles,
	"plan": readFiles, "status": readFiles, "metrics": readFiles, "rehearse": readFiles, "check": readFiles,
}

// seeAlso are the pages that a page names, by command; LIST is for the commands of the lists.
var seeAlso = map[string][]string{
	"plan":     {"ucs-harden-apply(8)", "ucs-harden-findings(7)"},
	"apply":    {"ucs-harden-plan(8)", "ucs-harden-confirm(8)", "ucs-harden-rollback(8)", "ucs-harden-findings(7)"},
	"confirm":  {"ucs-harden-apply(8)"},
	"rollback": {"ucs-harden-history(8)", "ucs-harden-recover(8)"},
	"recover":  {"ucs-harden-rollback(8)"},
	"history":  {"ucs-harden-rollback(8)"},
	"rehearse": {"ucs-harden-check(8)", "ucs-harden-apply(8)"},
	"check":    {"ucs-harden-rehearse(8)", "smtpd(8)"},
	"metrics":  {"ucs-harden-status(8)", "promtool(1)", "prometheus-node-exporter(1)"},
	"status":   {"ucs-harden-sync(8)", "ucs-harden-fleet(8)", "ucs-harden-findings(7)"},
	"fleet":    {"ucs-harden-status(8)", "ucs-harden-report(8)"},
	"sync":     {"ucs-harden-status(8)", "ucs-harden-apply(8)"},
	"LIST":     {"ucs-harden-sync(8)", "ucs-harden-variables(7)"},

	"allow":      {"ucs-harden-disallow(8)", "ucs-harden-exceptions(8)", "ucs-harden-check(8)", "ucs-harden-sync(8)"},
	"disallow":   {"ucs-harden-allow(8)", "ucs-harden-exceptions(8)", "ucs-harden-sync(8)"},
	"exceptions": {"ucs-harden-allow(8)", "ucs-harden-disallow(8)"},
}
