package harden

import (
	"context"
	"path/filepath"
	"time"

	"ucs-harden/hostnet"
	"ucs-harden/internal/run"
	"ucs-harden/maillog"
	"ucs-harden/spf"
	"ucs-harden/transaction"
	"ucs-harden/ucr"
)

// The files of ucs-harden on a server.
const (
	// StateDir holds the journal, the ledger and the history.
	StateDir   = "/var/lib/ucs-harden"
	ledgerFile = StateDir + "/ledger.json"
	lockFile   = "/run/ucs-harden.lock"
)

// Runner runs programs. It is run.System, or a wrapper around it.
type Runner interface {
	Run(ctx context.Context, c run.Cmd) (run.Result, error)
}

// Observer is told what the server is doing.
type Observer interface {
	// Progress is told what begins and may take a while. "" means that it has ended.
	Progress(what string)
	// Recovered is told that an interrupted or unconfirmed change was taken back, or that its rollback was finished.
	Recovered(*transaction.Recovered)
	// Upheld is told that the accounts that are stopped were brought up to date after another change was taken back.
	Upheld(*Applied)
	// Warning is told what went wrong beside the command, with what to do.
	Warning(text, hint string)
	// Debug is told details that help to find the cause of a problem.
	Debug(message string, fields map[string]any)
}

// Server is a mail server: this machine, or an archive of a server's files.
type Server struct {
	// Root is put in front of every path. "" and "/" mean this machine. Everything else is an archive, on which no
	// program runs.
	Root string
	// Directory is an export to read instead of asking the LDAP server. nil asks the LDAP server.
	Directory *Export
	Runner    Runner
	Observer  Observer
	// Interfaces returns the network interfaces; nil reads those of this machine, or what the registry of an archive says.
	Interfaces func() ([]hostnet.Interface, error)
	// Version is the version of ucs-harden, By who uses it and how; both are for the history.
	Version, By string
	// Resolver answers questions about SPF; nil is the DNS of this machine.
	Resolver spf.Resolver
	// Now is the clock; nil is that of this machine.
	Now func() time.Time
	// Sleep waits while a burst of changes goes on, or another ucs-harden is at work; nil waits by the clock of this machine.
	Sleep func(context.Context, time.Duration) error
	// Logs is the mail log, Evidence what it says about enforcing; nil is the log of this machine. They are for tests.
	Logs     Logs
	Evidence Evidence
	// After is called after every step of a transaction. It is for tests and may be nil.
	After func(step string)
}

// Logs reads the mail log.
type Logs interface {
	maillog.Reader
	// Series finds the parts of the log in a folder, oldest first.
	Series(dir string) ([]maillog.Source, error)
}

// Export is an LDIF export of the directory.
type Export struct {
	Name    string // for messages
	Content []byte
}

// Live reports whether the server is this machine.
func (s *Server) Live() bool { return s.Root == "" || s.Root == "/" }

// Clock is the time by the clock of the server.
func (s *Server) Clock() time.Time {
	if s.Now != nil {
		return s.Now()
	}
	return time.Now()
}

func (s *Server) path(p string) string { return filepath.Join("/", s.Root, p) }

// ucr returns the program that writes the registry and renders templates.
func (s *Server) ucr() ucr.Program { return ucr.Program{Runner: s.Runner, Root: s.Root} }

func (s *Server) store() transaction.Store { return transaction.Store{Dir: s.path(StateDir)} }

// progress tells the observer what is under way. Calling done ends it.
func (s *Server) progress(what string) (done func()) {
	s.Observer.Progress(what)
	return func() { s.Observer.Progress("") }
}

// Programs returns the programs that a rehearsal and an apply need.
func Programs() []string { return []string{"ucr", "postmap", "postconf", "postfix"} }

// installed returns an error if a program is missing, so that a change does not fail halfway.
func installed(programs ...string) error {
	for _, p := range programs {
		if err := run.Installed(p); err != nil {
			return err
		}
	}
	return nil
}
