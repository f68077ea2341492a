// Package transaction changes the mail server, and brings it back.
//
// Every change has two ends, before and after, and the whole of "before" is on
// disk before the first thing is touched:
//
//	/var/lib/ucs-harden/            0700
//	    journal.json                which change is under way, and whether it is
//	                                applied, rolled back, or waits to be confirmed
//	    history/ID/manifest.json    the variables with both values, the files
//	    history/ID/files/…          before-images of the files, 0600
//	    history/ID/smtpd_restrictions.backup, master.cf.backup
//	                                the same for people, as the published
//	                                procedure makes them
//	    history/ID/applied, rolled-back
//	                                markers: the journal, moved here
//
// There is one way to move the machine, [Machine.drive], and it leads to
// either end. It looks at what is there, does what is missing, in an order in
// which at every instant a newly started smtpd(8) finds a configuration that
// works, and can be begun again after it was interrupted anywhere:
//
//  1. tables and maps that shall exist are put in place, before anything
//     names them;
//  2. one ucr set;
//  3. ucr unset of what is obsolete. -o overrides of master.cf go first, with
//     a reload of their own when they name a list that goes, too: until the
//     reload, master(8) hands the old overrides to every new smtpd;
//  4. restriction classes, which UCR adds to main.cf from a file: in step 1 the
//     file got those of both ends, since variables and tables of either may be
//     in force until now; here it gets those that shall be;
//  5. ucr commit of main.cf and master.cf, which must then be what the dry
//     run has shown;
//  6. postfix check, postfix reload;
//  7. verification: registry, rendered files, postconf, and what the ports
//     offer: STARTTLS, AUTH, mail for postmaster;
//  8. files that shall not exist are removed, now that nothing names them.
//
// Apply drives to "after"; when a step fails it drives back to "before".
// Rollback drives to "before". Recover, after a crash, drives to "before" as
// well: an interrupted apply is taken back, an interrupted rollback goes on, and
// an apply that was to be confirmed and was not is taken back at its deadline.
// The change ends with the journal being moved, which needs no space on disk.
package transaction

import (
	"context"
	"errors"

	"ucs-harden/outcome"
	"ucs-harden/plan"
)

// Errors that the command line answers with a hint of its own. What is of a
// class of its own has an exit status, too. An error that came before the first
// change says so with [outcome.IsUnchanged].
var (
	// ErrLocked: another ucs-harden is at work.
	ErrLocked = outcome.New(outcome.Locked, "another ucs-harden is running")
	// ErrStale: the machine is not any more what the plan was made from.
	ErrStale = errors.New("the plan is stale")
	// ErrRolledBack: a step failed, and the old state is back.
	ErrRolledBack = outcome.New(outcome.RolledBack, "rolled back")
	// ErrIncomplete: a step failed, and so did the way back; the journal stays.
	ErrIncomplete = outcome.New(outcome.Incomplete, "the rollback is incomplete")
	// ErrConflict: what would be overwritten was changed by someone else.
	ErrConflict = errors.New("changed since by someone else")
	// ErrNotRegular: a symbolic link, a folder or the like stands where a file
	// would be written.
	ErrNotRegular = errors.New("it is not a regular file")
	// ErrWaiting: an apply waits to be confirmed; nothing else may begin.
	ErrWaiting = errors.New("an apply waits to be confirmed")
	// ErrUnwatched: nobody would take an apply back at its deadline.
	ErrUnwatched = errors.New("cannot watch the deadline")
	// ErrTooLate: the deadline of an apply that waited has passed.
	ErrTooLate = errors.New("too late to confirm")
	// ErrNothing: there is nothing to roll back or recover.
	ErrNothing = errors.New("nothing to do")
)

// Registry is the registry as a transaction needs it. Set and Unset read back
// what they wrote, value and layer.
type Registry interface {
	// Normal reads the normal layer afresh from disk.
	Normal() (func(key string) (string, bool), error)
	Set(ctx context.Context, values map[string]string) error
	// Restore sets like Set, but takes no offence at a stronger layer that has
	// come to hold a variable since: that must not stand in the way back.
	Restore(ctx context.Context, values map[string]string) error
	Unset(ctx context.Context, keys []string) error
	Commit(ctx context.Context, files ...string) error
	// Render is a dry run of a multifile, as it would be after such a change.
	Render(ctx context.Context, next Next, file string) ([]byte, error)
	// Canonical is a rendering without what may differ from one rendering to
	// the next though the configuration is the same.
	Canonical(file string, content []byte) []byte
}

// Next is a change that a dry run takes for made.
type Next struct {
	// Set and Unset are variables of the normal layer.
	Set   map[string]string
	Unset []string
	// Classes are the restriction classes that main.cf gets, nil for those on
	// disk; empty is none.
	Classes *string
}

// Postfix is the mail server as a transaction needs it.
type Postfix interface {
	// InstallTable writes and compiles a lookup table beside its place, and
	// moves both files there together.
	InstallTable(ctx context.Context, typ, path string, content []byte) error
	// Compiled is the file that postmap(1) makes of a table.
	Compiled(typ, path string) (string, error)
	// RemoveLeftovers removes what an interrupted InstallTable left.
	RemoveLeftovers(path string) error
	Check(ctx context.Context) error
	Running(ctx context.Context) (bool, error)
	Reload(ctx context.Context) error
	// Verify asks postconf whether the configuration means what is expected.
	Verify(ctx context.Context, want plan.Expectation) error
	// Greetings are the smtpd ports that answer now. Greet fails when one of
	// those given does not answer, or does not offer what it did and what is
	// expected.
	Greetings(ctx context.Context) []Port
	Greet(ctx context.Context, before []Port, want plan.Expectation) error
}

// Port is what an smtpd(8) shows to a client on this machine.
type Port struct {
	// Service is its service entry, "submission/inet"; Addr is where it listens.
	Service, Addr string
	// Options are those -o overrides of the entry that decide about the rest.
	Options map[string]string
	// STARTTLS works; AUTH is offered, be it only under TLS.
	STARTTLS, AUTH bool
	// Postmaster: mail for postmaster is taken. Asked on port 25 only.
	Postmaster bool
}

// Machine is the mail server a transaction works on.
type Machine struct {
	// Root is put in front of every path; empty on a live server.
	Root     string
	Store    Store
	Registry Registry
	Postfix  Postfix
	// Progress is told what begins; may be nil.
	Progress func(step string)
	// After is called after every step, in tests; may be nil.
	After func(step string)
	// Clock is Now when it is nil.
	Clock func() Moment
}

// The configuration that UCR renders, in the order in which it is committed.
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
