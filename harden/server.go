package harden

import (
	"context"
	"path/filepath"

	"ucs-harden/internal/run"
	"ucs-harden/transaction"
	"ucs-harden/ucr"
)

// Where a server keeps what is ours.
const (
	// StateDir holds the journal, the ledger and the history.
	StateDir   = "/var/lib/ucs-harden"
	ledgerFile = StateDir + "/ledger.json"
	lockFile   = "/run/ucs-harden.lock"
)

// Runner runs programs: run.System, or what stands before it.
type Runner interface {
	Run(ctx context.Context, c run.Cmd) (run.Result, error)
}

// Observer is told what happens meanwhile.
type Observer interface {
	// Progress says what begins and may take longer than a moment; "" says that nothing is under way any more.
	Progress(what string)
	// Recovered is told that an earlier change was taken back, or its rollback finished, before this one began.
	Recovered(j *transaction.Journal)
	// Debug is told what matters only when something is looked for.
	Debug(message string, fields map[string]any)
}

// Server is a mail server, this one or an archive of its files.
type Server struct {
	// Root is put in front of every path. "" and "/" are this machine; everything else is an archive, where no program
	// runs.
	Root string
	// Directory is an export that stands for the directory; nil asks the directory itself.
	Directory *Export
	Runner    Runner
	Observer  Observer
	// Version goes into the history.
	Version string
	// After is called after every step of a transaction, in tests; may be nil.
	After func(step string)
}

// Export is an LDIF export of the directory.
type Export struct {
	Name    string // for messages
	Content []byte
}

// Live reports whether the server is this machine.
func (s *Server) Live() bool { return s.Root == "" || s.Root == "/" }

func (s *Server) path(p string) string { return filepath.Join("/", s.Root, p) }

// ucr is the program that writes the registry and renders templates.
func (s *Server) ucr() ucr.Program { return ucr.Program{Runner: s.Runner, Root: s.Root} }

func (s *Server) store() transaction.Store { return transaction.Store{Dir: s.path(StateDir)} }

// progress says what is under way until the returned function is called.
func (s *Server) progress(what string) (done func()) {
	s.Observer.Progress(what)
	return func() { s.Observer.Progress("") }
}

// Programs are those that a plan is rehearsed and applied with.
func Programs() []string { return []string{"ucr", "postmap", "postconf", "postfix"} }

// installed refuses to begin what would stop halfway for lack of a program.
func installed(programs ...string) error {
	for _, p := range programs {
		if err := run.Installed(p); err != nil {
			return err
		}
	}
	return nil
}
