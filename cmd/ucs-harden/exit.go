package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/sirupsen/logrus"

	"ucs-harden/evidence"
	"ucs-harden/harden"
	"ucs-harden/outcome"
	"ucs-harden/report"
)

// Exit statuses. They are part of the interface: scripts and hooks rely on them.
const (
	exitDone       = 0   // done, or nothing to do
	exitError      = 1   // an error; nothing was changed unless the message says so
	exitPending    = 2   // plan: something would change; status: drift; rehearse: other answers; check: refused
	exitRolledBack = 3   // a step or the verification failed; the old state is back
	exitIncomplete = 4   // restoring the old state failed as well; "ucs-harden recover" tries again
	exitNoEvidence = 5   // enforce was refused for lack of evidence
	exitLocked     = 11  // another ucs-harden is running
	exitUsage      = 64  // the command line is wrong
	exitInterrupt  = 130 // interrupted from the keyboard or by another signal
)

// statuses maps the classes of errors to exit statuses.
var statuses = map[outcome.Class]int{
	outcome.Failed: exitError, outcome.Usage: exitUsage, outcome.Locked: exitLocked,
	outcome.RolledBack: exitRolledBack, outcome.Incomplete: exitIncomplete,
	outcome.NoEvidence: exitNoEvidence,
}

// quiet is an exit status without an error message, because the output has said everything.
type quiet int

func (q quiet) Error() string { return fmt.Sprintf("exit status %d", int(q)) }

// usage makes an error about the command line.
func usage(format string, args ...any) error {
	return misused("ucs-harden help shows the commands and their options", format, args...)
}

// misused makes an error about the command line with its own hint.
func misused(hint, format string, args ...any) error {
	return outcome.Advise(outcome.As(outcome.Usage, fmt.Errorf(format, args...)), hint)
}

// failureSchema is the version of the JSON form of a failure. It rises when a name or a meaning changes.
const failureSchema = 1

// failure is the JSON output of a command that ends with an error. It is printed only if the command has printed nothing,
// so that the output is one object in any case.
type failure struct {
	Schema int    `json:"schema"`
	Error  string `json:"error"`
	Hint   string `json:"hint"`
	// Evidence is what the mail log lacks, if that is the error.
	Evidence *lack `json:"evidence,omitempty"`
	// Unchanged: nothing was changed.
	Unchanged  bool `json:"unchanged"`
	ExitStatus int  `json:"exit_status"`
}

// lack is the JSON form of harden.EvidenceError.
type lack struct {
	Controls []evidence.Readiness `json:"controls"`
	Groups   []openGroup          `json:"groups"`
}

// openGroup is a group of mail that looks legitimate, in short. "ucs-harden report --json" has all of it.
type openGroup struct {
	ID      string           `json:"id"`
	Verdict evidence.Verdict `json:"verdict"`
	Reason  string           `json:"reason"`
	Count   int64            `json:"count"`
	// Command is the first that would clear it, as its arguments.
	Command []string `json:"command,omitempty"`
}

func lackOf(err error) *lack {
	var e *harden.EvidenceError
	if !errors.As(err, &e) {
		return nil
	}
	all := &lack{e.Of, []openGroup{}}
	for _, g := range e.Groups {
		open := openGroup{ID: g.ID, Verdict: g.Verdict, Reason: g.Reason.String(), Count: g.Count}
		for _, fix := range g.Fixes {
			if len(fix.Commands) > 0 {
				open.Command = fix.Commands[0]
				break
			}
		}
		all.Groups = append(all.Groups, open)
	}
	return all
}

// exit prints the error that ends a command and returns the exit status. On standard error it prints "error:" with what
// was tried and what happened, and "hint:" with what to do. With asJSON, it also prints a failure.
func (t *terminal) exit(ctx context.Context, err error, asJSON bool) int {
	t.idle()
	if err == nil {
		return exitDone
	}
	var q quiet
	if errors.As(err, &q) {
		return int(q)
	}
	code, hint := statuses[outcome.ClassOf(err)], hintFor(err)
	if ctx.Err() != nil && code != exitIncomplete {
		code, hint = exitInterrupt, "run the command again when you are ready"
	}
	text := strings.TrimRight(err.Error(), "\n")
	if asJSON && !t.out.used {
		_ = report.JSON(t.out, failure{
			Schema: failureSchema, Error: text, Hint: hint, Evidence: lackOf(err),
			Unchanged: outcome.IsUnchanged(err) || code == exitUsage, ExitStatus: code,
		})
	}
	unchanged := outcome.IsUnchanged(err)
	if unchanged && !t.machine {
		text += "; nothing was changed"
	}
	t.failed(text, hint, logrus.Fields{"unchanged": unchanged, "exit_status": code})
	return code
}
