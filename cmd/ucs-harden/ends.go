package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"
)

// end is an exit status of a command, and what it says there.
type end struct {
	status int
	means  string
}

// The ends that mean the same in every command that has them.
var (
	endDone       = end{exitDone, "done, or nothing to do"}
	endShown      = end{exitDone, "done"}
	endError      = end{exitError, "error; nothing was changed unless the message says so"}
	endFailed     = end{exitError, "error"}
	endRolledBack = end{exitRolledBack, "a step or the verification failed, and the old state is back"}
	endUnkept     = end{exitRolledBack, "a step or the verification failed, or nobody confirmed it in time:\nthe old state is back"}
	endIncomplete = end{exitIncomplete, `the way back is incomplete: run "ucs-harden recover"`}
	endNoEvidence = end{exitNoEvidence, "the mail log does not show that it is safe to enforce; nothing was changed"}
	endLocked     = end{exitLocked, "another ucs-harden is running"}
	endUsage      = end{exitUsage, "wrong usage"}
	endStopped    = end{exitInterrupt, "interrupted"}
	endTakenBack  = end{exitInterrupt, "interrupted; a change that had begun was taken back"}
)

// The ends of commands that change something, and of commands that only print what the program knows itself.
var (
	changing = []end{endDone, endError, endRolledBack, endIncomplete, endLocked, endUsage, endTakenBack}
	printing = []end{endShown, endFailed, endUsage}
)

// ends are the exit statuses of every command, in ascending order. Help and the manual pages show them. The tests compare
// them with the exit statuses that the scripts of the tests expect.
var ends = map[string][]end{
	"": { // of all commands together
		endDone, endError,
		{exitPending, "changes pending (plan), drift (status), other answers (rehearse),\n" +
			"a message that is refused (check), an open group (report),\n" +
			"a server that is not as planned (fleet)"},
		endUnkept, endIncomplete, endNoEvidence, endLocked, endUsage, endTakenBack,
	},
	"plan": {
		{exitDone, "nothing would change"}, {exitError, "error, or a finding stops an apply"},
		{exitPending, "something would change"}, endUsage, endStopped,
	},
	"apply":   {endDone, endError, endUnkept, endIncomplete, endNoEvidence, endLocked, endUsage, endTakenBack},
	"confirm": {endDone, endError, endLocked, endUsage, endStopped},
	"rollback": {
		endDone, endError, endIncomplete, endLocked, endUsage,
		{exitInterrupt, "interrupted before the rollback began; once begun, it goes on to its end"},
	},
	"recover": {endDone, endError, endIncomplete, endLocked, endUsage, endStopped},
	"rehearse": {
		{exitDone, "all answers are the same"}, {exitError, "error, or an answer is wrong"},
		{exitPending, "answers would differ, all as the controls promise"}, endUsage, endStopped,
	},
	"check": {
		{exitDone, "the message is accepted"}, endFailed, {exitPending, "the message is refused or put off"},
		endUsage, endStopped,
	},
	"report": {
		{exitDone, "no group is open"}, endFailed,
		{exitPending, "a group is open: it looks legitimate, and enforce would refuse it"},
		endUsage, endStopped,
	},
	"replay": {
		{exitDone, "nothing would be refused that is not refused today"}, endFailed,
		{exitPending, "messages would be refused"}, endUsage, endStopped,
	},
	"history": {endShown, endFailed, endUsage, endStopped},
	"status": {
		{exitDone, "all is as planned"},
		{exitError, `error, a finding of severity "error", no directory, or Postfix is not running`},
		{exitPending, "drift, a change that a crash left unfinished, or the last sync failed"}, endUsage, endStopped,
	},
	"metrics": {{exitDone, "printed, whatever the state"}, endFailed, endUsage, endStopped},
	"fleet": {
		{exitDone, "every server is as planned"}, {exitError, "error, or a file cannot be read"},
		{exitPending, "a server is not as planned, or its state is too old"}, endUsage, endStopped,
	},
	"sync": {
		{exitDone, "done, nothing to do, or syncs wait after a rollback"},
		{exitError, "error; nothing was changed unless the message says so. Or a control stays as it\n" +
			"runs, and the rest was done"},
		endRolledBack, endIncomplete,
		{exitNoEvidence, "a control stays in warn for lack of evidence; everything else was applied"},
		endLocked, endUsage, endTakenBack,
	},
	"allow":      changing,
	"disallow":   changing,
	"exceptions": {endShown, endFailed, endUsage, endStopped},
	"version":    printing,
	"completion": printing,
	"help":       printing,
	// of every list
	"LIST":        printing,
	"LIST add":    changing,
	"LIST remove": changing,
	"LIST list":   {endShown, endFailed, endUsage, endStopped},
}

// endsOf are the exit statuses of a command; nil for a hidden one, which only ucs-harden itself runs.
func endsOf(cmd *cobra.Command) []end {
	path := strings.TrimPrefix(strings.TrimPrefix(cmd.CommandPath(), cmd.Root().Name()), " ")
	return ends[ofList(path)]
}

// ofList is the path of a command, with LIST in place of the command of a list.
func ofList(path string) string {
	verb, rest, _ := strings.Cut(path, " ")
	if _, isList := listOf(verb); isList {
		return strings.TrimSpace("LIST " + rest)
	}
	return path
}

// help prints what a command does, its exit statuses, and how it is used.
func help(cmd *cobra.Command, _ []string) {
	out := cmd.OutOrStdout()
	text := cmd.Long
	if text == "" {
		text = cmd.Short
	}
	fmt.Fprintf(out, "%s\n\n", text)
	if all := endsOf(cmd); len(all) > 0 {
		fmt.Fprintln(out, "EXIT STATUS")
		for _, e := range all {
			fmt.Fprintf(out, "%4d  %s\n", e.status, strings.ReplaceAll(e.means, "\n", "\n      "))
		}
		fmt.Fprintln(out)
	}
	fmt.Fprint(out, cmd.UsageString())
}
