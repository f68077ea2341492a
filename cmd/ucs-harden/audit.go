package main

import (
	"cmp"
	"errors"
	"log/syslog"
	"slices"
	"strings"
	"time"

	"github.com/sirupsen/logrus"
	logrussyslog "github.com/sirupsen/logrus/hooks/syslog"

	"ucs-harden/harden"
	"ucs-harden/outcome"
	"ucs-harden/transaction"
)

// audit writes a line to syslog for every change, and for every attempt to change something that failed or was refused.
// A plan, a question that was answered with no, and a run with nothing to do leave no line. A line has key=value pairs:
//
//	what         the command, such as apply or "suspend add --now"; automatic-rollback for an apply that was not
//	             confirmed in time, recover for one that a crash has interrupted, "uphold stops" for the checks of stopped
//	             accounts after another change was taken back
//	who          the person at the keyboard
//	about        the account, group or address of a list entry
//	id           the ID of the change in the history
//	mode         the mode that was applied
//	evidence     "not asked" with --no-evidence
//	deadline     when the change is taken back unless it is confirmed
//	result       done, partly (a sync has left a control as it runs, or in warn), refused (nothing was changed),
//	             rolled-back (the old state is back), incomplete (it is not), or failed (the command has said what was
//	             changed)
//	reason       why it was refused or taken back, where that is known without the text of an error: such a text may hold
//	             what another program has printed
//	exit_status  the exit status of the command
//
// The facility is authpriv. These lines belong to those of sudo(8) and sshd(8), which only administrators may read, and
// which a log collector reads already.
type audit struct {
	who  func() string
	open func() (logrus.Hook, error)
	// patience is how long a line may take.
	patience time.Duration
	// debug is told why a line could not be written. A change does not fail for that reason.
	debug   func(message string, fields map[string]any)
	attempt *attempt
}

// attempt is a command that is about to change something.
type attempt struct {
	what, about, mode string
	deadline          *time.Time
	noEvidence        bool
	changed           bool
	ids               []string // of the changes that were made
	id                string   // of the change that was made before the command failed
}

const (
	// auditPatience: a syslog daemon that hangs must not hold up an emergency.
	auditPatience = 2 * time.Second

	automaticRollback = "automatic-rollback"

	tag      = "ucs-harden"
	facility = syslog.LOG_AUTHPRIV
)

// results of an attempt.
const (
	resultDone       = "done"
	resultPartly     = "partly"
	resultRefused    = "refused"
	resultRolledBack = "rolled-back"
	resultIncomplete = "incomplete"
	resultFailed     = "failed"
)

// toSyslog opens /dev/log.
func toSyslog() (logrus.Hook, error) {
	return logrussyslog.NewSyslogHook("", "", facility|syslog.LOG_INFO, tag)
}

// begin says that the command is about to change something.
func (a *audit) begin(what string) *attempt {
	a.attempt = &attempt{what: what}
	return a.attempt
}

// drop says that the command ends as a plan.
func (a *audit) drop() { a.attempt = nil }

// made adds a change to the attempt. id is "" for a change that the history does not have.
func (t *attempt) made(id string) {
	t.changed = true
	if id != "" {
		t.ids = append(t.ids, id)
	}
}

// applied adds what was applied.
func (t *attempt) applied(done *harden.Applied) {
	if done != nil && done.Changed {
		t.mode, t.deadline = string(done.Mode), done.Deadline
		t.made(done.ID)
	}
}

// listed adds the change of a list, and what --now has applied. If the command failed nevertheless, as for an account
// that can still send, only the line about the failure is written.
func (t *attempt) listed(done *harden.ListChange, err error) {
	t.about, t.mode = done.Entry.About(), string(done.Mode)
	if done.Stopped != nil {
		t.mode = done.Entry.Mode // it has a mode of its own
	}
	applied := cmp.Or(done.Sync, done.Stop)
	switch {
	case err != nil && applied != nil:
		t.id = applied.ID
	case err != nil:
	case applied != nil && applied.Changed:
		t.made(applied.ID)
	case done.Action != "":
		t.made("")
	}
}

// end writes a line for each change that was made, and one for the error that ends the command. An error that only says
// what a sync has not done is in the line of its change.
func (a *audit) end(err error, status int) {
	t := a.attempt
	if q := quiet(0); errors.As(err, &q) {
		err = nil
	}
	if t == nil || outcome.ClassOf(err) == outcome.Usage || errors.Is(err, transaction.ErrNothing) {
		return
	}
	fields := logrus.Fields{"what": t.what, "about": t.about, "mode": t.mode, "exit_status": status}
	if t.noEvidence {
		fields["evidence"] = "not asked"
	}
	if t.deadline != nil {
		fields["deadline"] = t.deadline.Format(time.RFC3339)
	}
	result := resultDone
	if t.changed && isShortfall(err) {
		result, fields["reason"], err = resultPartly, auditReason(err), nil
	}
	if t.changed && len(t.ids) == 0 {
		a.write(result, fields)
	}
	for _, id := range t.ids {
		fields["id"] = id
		a.write(result, fields)
	}
	if err != nil {
		fields["id"], fields["reason"] = cmp.Or(changeOf(err), t.id), auditReason(err)
		a.write(resultOfError(err), fields)
	}
}

// recovered writes a line about a change that was taken back, or whose rollback was completed, by this command or at
// its deadline.
func (a *audit) recovered(j *transaction.Recovered) {
	fields := logrus.Fields{"id": j.ID, "what": "recover", "reason": "interrupted"}
	switch j.Kind {
	case transaction.Confirming, transaction.Expired:
		fields["what"], fields["reason"] = automaticRollback, "not confirmed in time"
	case transaction.RollingBack, transaction.Applying:
	}
	a.write(resultRolledBack, fields)
}

// upheld writes a line about the accounts that are stopped, whose checks were brought up to date after another change was
// taken back.
func (a *audit) upheld(done *harden.Applied) {
	a.write(resultDone, logrus.Fields{"id": done.ID, "what": "uphold stops"})
}

// levels are the severities of the results; that of done is info.
var levels = map[string]logrus.Level{
	resultDone:   logrus.InfoLevel,
	resultPartly: logrus.WarnLevel, resultRefused: logrus.WarnLevel, resultRolledBack: logrus.WarnLevel,
	resultIncomplete: logrus.ErrorLevel, resultFailed: logrus.ErrorLevel,
}

// write writes one line. If that takes too long, write does not wait for it.
func (a *audit) write(result string, fields logrus.Fields) {
	line := logrus.Fields{"who": a.who(), "result": result}
	for key, value := range fields {
		if value != "" {
			line[key] = value
		}
	}
	written := make(chan error, 1)
	go func() {
		hook, err := a.open()
		if err == nil {
			entry := logrus.NewEntry(&logrus.Logger{Formatter: auditFormat}).WithFields(line)
			entry.Level = levels[result]
			err = hook.Fire(entry)
		}
		written <- err
	}()
	select {
	case err := <-written:
		if err != nil {
			a.debug("no line was written to syslog", map[string]any{"error": err.Error()})
		}
	case <-time.After(a.patience):
		a.debug("no line was written to syslog", map[string]any{"error": "it takes too long"})
	}
}

// auditFormat is one line of pairs. syslog adds the time.
var auditFormat = &logrus.TextFormatter{
	DisableColors: true, DisableTimestamp: true, SortingFunc: func(keys []string) {
		slices.SortFunc(keys, func(a, b string) int { return slices.Index(auditOrder, a) - slices.Index(auditOrder, b) })
	},
}

var auditOrder = strings.Fields("level what who about id mode evidence deadline result reason exit_status")
