// Package transaction changes the mail server, and brings it back.
//
// A change leads from the state "before" to the state "after". All of "before" is on disk before the first file or
// variable is changed:
//
//	/var/lib/ucs-harden/            0700
//	    journal.json                the change that is under way, and whether it is being applied, is being rolled
//	                                back, or waits to be confirmed
//	    journal.json.below          the journal of a change beside which an urgent one is under way
//	    history/ID/manifest.json    the variables with both values, and the files
//	    history/ID/files/…          before-images of the files, 0600
//	    history/ID/smtpd_restrictions.backup, master.cf.backup
//	                                the same for people, as the published procedure makes them
//	    history/ID/applied, rolled-back
//	                                markers: the journal is moved here at the end
//
// [Machine.drive] brings the machine to either state. It compares what is there with the target and does what is
// missing. It can be interrupted anywhere and started again. An smtpd(8) that starts at any moment finds a
// configuration that works; the order of the steps provides for that:
//
//  1. Tables and maps of the target are installed before anything names them.
//  2. ucr set, once.
//  3. ucr unset of obsolete variables. -o overrides of master.cf go first. When they name a list that goes as well,
//     they get a reload of their own: until the reload, master(8) passes the old overrides to every new smtpd.
//  4. Restriction classes, which UCR adds to main.cf from a file. Step 1 has put the classes of both states into the
//     file, since variables and tables of either can be in force until now. This step leaves those of the target.
//  5. ucr commit of main.cf and master.cf. The result must be what the dry run has shown.
//  6. postfix check, postfix reload.
//  7. Verification: registry, rendered files, postconf, and what the ports offer: STARTTLS, AUTH, mail for postmaster.
//  8. Files that the target does not have are removed. Nothing names them any more.
//
// Someone else may run ucr at the same time. Before and after each call of ucr, drive compares the variables of the change
// with both states. A variable with a third value belongs to someone else: on the way to "after" this is a conflict, on
// the way to "before" the value is kept and named. ucr itself cannot compare; what it has overwritten all the same is
// seen in base.conf, noted in the journal and given back. Variables that the change does not concern may change at any
// time: a rendered file is then right when it has the lines of the change.
//
// Apply drives to "after". When a step fails, Apply drives back to "before". Rollback drives to "before", and so does
// Recover after a crash: Recover takes an interrupted apply back, continues an interrupted rollback, and takes an apply
// back that was not confirmed by its deadline. Moving the journal ends the change; that needs no disk space.
package transaction

import (
	"context"
	"errors"

	"ucs-harden/internal/inroot"
	"ucs-harden/outcome"
	"ucs-harden/plan"
)

// The command line has a hint for each of these errors, and an exit status for each class (see outcome.Class). Whether
// an error came before the first change is told by [outcome.IsUnchanged].
var (
	// ErrLocked: another ucs-harden is running.
	ErrLocked = outcome.New(outcome.Locked, "another ucs-harden is running")
	// ErrStale: the machine has changed since the plan was made.
	ErrStale = errors.New("the plan is stale")
	// ErrRolledBack: a step failed, and the old state was restored.
	ErrRolledBack = outcome.New(outcome.RolledBack, "rolled back")
	// ErrIncomplete: a step failed, and restoring the old state failed as well. The journal stays.
	ErrIncomplete = outcome.New(outcome.Incomplete, "the rollback is incomplete")
	// ErrConflict: someone else has changed what the rollback would overwrite.
	ErrConflict = errors.New("changed since by someone else")
	// ErrDamaged: the journal cannot be read. Recover finds out from the history which change it was about.
	ErrDamaged = errors.New("the journal is damaged")
	// ErrNotRegular: a file would be written where there is a symbolic link, a folder or the like.
	ErrNotRegular = inroot.ErrNotRegular
	// ErrWaiting: an apply waits to be confirmed. No other change may begin.
	ErrWaiting = errors.New("an apply waits to be confirmed")
	// ErrUrgent: the change has stopped accounts, or lifted that. A rollback does not take it back.
	ErrUrgent = errors.New("no rollback takes back what stops an account, or lets it send again")
	// ErrUnwatched: no process would take the apply back at its deadline.
	ErrUnwatched = errors.New("cannot watch the deadline")
	// ErrTooLate: the deadline of the apply has passed.
	ErrTooLate = errors.New("too late to confirm")
	// ErrNothing: there is nothing to roll back, confirm or recover; a NothingError says why.
	ErrNothing = errors.New("nothing to do")
	// ErrNoChange: the history has no such change, or it is not in effect although it is to stay.
	ErrNoChange = errors.New("no such change")
)

// NothingError is ErrNothing with the reason. The server is as it was asked to be, so this is no failure for the user.
type NothingError struct{ Why string }

func (e *NothingError) Error() string { return ErrNothing.Error() + ": " + e.Why }

// Is makes it an ErrNothing.
func (e *NothingError) Is(target error) bool { return target == ErrNothing }

// Postfix is the mail server as a transaction needs it.
type Postfix interface {
	// InstallTable writes and compiles a lookup table under temporary names, then moves both files to their place.
	InstallTable(ctx context.Context, typ, path string, content []byte) error
	// Compiled is the file that postmap(1) makes of a table.
	Compiled(typ, path string) (string, error)
	// RemoveLeftovers removes what an interrupted InstallTable left.
	RemoveLeftovers(path string) error
	Check(ctx context.Context) error
	Running(ctx context.Context) (bool, error)
	Reload(ctx context.Context) error
}

// Verification looks at the running mail server, after a change and before it.
type Verification interface {
	// Configured asks postconf whether the configuration means what is expected.
	Configured(ctx context.Context, want plan.Expectation) error
	// Greetings are the smtpd ports that answer now. Greet fails when one of the given ports does not answer, or does not
	// offer what it offered before and what is expected.
	Greetings(ctx context.Context) []Port
	Greet(ctx context.Context, before []Port, want plan.Expectation) error
}

// Port is what an smtpd(8) shows to a client on this machine.
type Port struct {
	// Service is its service entry, "submission/inet"; Addr is where it listens.
	Service, Addr string
	// Options are the -o overrides of the entry that the other fields depend on.
	Options map[string]string
	// STARTTLS works. AUTH is offered, possibly only under TLS.
	STARTTLS, AUTH bool
	// Postmaster: mail for postmaster is accepted. This is asked on the port for other mail servers only.
	Postmaster bool
}

// Machine is the mail server a transaction works on.
type Machine struct {
	// Root is prepended to every path; it is empty on a live server.
	Root     string
	Store    Store
	Registry Registry
	Postfix  Postfix
	// Verification is asked by the last steps of a change.
	Verification Verification
	// Progress is called before a step, with its name. It may be nil.
	Progress func(step string)
	// After is called after a step, with its name; tests use it. It may be nil.
	After func(step string)
	// Lasting reports whether a variable, file or restriction class stays as it is when a change is taken back. nil: none.
	Lasting func(name string) bool
	// By is who is at work, for the history.
	By string
	// Clock tells the time; nil means Now.
	Clock func() Moment
}

// The files that UCR renders, in the order in which they are committed.
const (
	MainCF   = "/etc/postfix/main.cf"
	MasterCF = "/etc/postfix/master.cf"
)

func (m *Machine) path(p string) string { return m.Root + p }

func (m *Machine) now() Moment {
	if m.Clock != nil {
		return m.Clock()
	}
	return Now()
}
