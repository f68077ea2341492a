package harden

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"ucs-harden/controls"
	"ucs-harden/evidence"
	"ucs-harden/internal/inroot"
	"ucs-harden/ledger"
	"ucs-harden/maincf"
	"ucs-harden/mastercf"
	"ucs-harden/plan"
	"ucs-harden/postfix"
	"ucs-harden/transaction"
	"ucs-harden/ucr"
)

// Request is what a plan is asked for.
type Request struct {
	// Mode is the mode of all controls. "" means the modes in the registry.
	Mode plan.Mode
	// AllOff, with mode off, also switches off the controls and mail domains that have a mode of their own.
	AllOff bool
	// stop asks only for what stops accounts in every mode, see Server.stop. removed is an entry that was taken from their
	// list. blind: the directory is not asked.
	stop, blind bool
	removed     string
	// everywhere: Mode is also that of the controls and domains that are on and have a mode of their own.
	everywhere bool
	// held are the controls and domains that stay in warn for lack of evidence.
	held map[string]bool
	// sync: what cannot be planned is left out, and the rest is planned. accepted are the findings that somebody has
	// accepted.
	sync     bool
	accepted []evidence.Acceptance
}

// facts are what a plan is made from.
type facts struct {
	*controls.Facts
	request  Request
	registry *ucr.Registry
	ledger   []byte // the file as it is on disk
	now      configuration
	state    plan.State
	asked    controls.Questions
	noLedger bool  // the ledger cannot be read, and stays as it is
	silence  error // why the directory does not answer, if a sync goes on without it
}

// configuration is main.cf and master.cf, read once.
type configuration struct {
	main, master []byte
	maincf       maincf.File
	mastercf     *mastercf.File
	local        maincf.File // main.cf.local, which the template appends to main.cf
}

func parseConfiguration(main, master []byte) (c configuration, err error) {
	c.main, c.master = main, master
	if c.maincf, err = maincf.Parse(main); err != nil {
		return c, err
	}
	c.mastercf, err = mastercf.Parse(master)
	return c, err
}

// registryOf gives the registry the methods that the controls use.
type registryOf struct{ *ucr.Registry }

func (r registryOf) IsTrue(key string) bool { return r.Registry.IsTrue(key, false) }

func (r registryOf) Stronger(key string) (layer, value string, ok bool) {
	v, ok := r.Registry.Stronger(key)
	return v.Layer.String(), v.Text, ok
}

func (r registryOf) Keys(prefix string) []string {
	vars := r.Prefix(prefix)
	keys := make([]string, len(vars))
	for i, v := range vars {
		keys[i] = v.Key
	}
	return keys
}

// Today is the day by which entries of lists expire, YYYY-MM-DD.
func (s *Server) Today() string { return s.Clock().Format(time.DateOnly) }

// facts reads everything that the controls look at: first the files of this server, then the directory, which may be
// slow. The directory is asked only what a control needs.
//
// known are facts that were read before, or nil. An LDAP map that has not been touched since is not rendered again:
// known says whether the map is current.
func (s *Server) facts(ctx context.Context, q Request, known *facts) (*facts, error) {
	r := newReader(s)
	f := &facts{Facts: &controls.Facts{Today: s.Today(), AllOff: q.AllOff, Held: q.held, Sync: q.sync}, request: q, state: r.state}
	if q.everywhere {
		f.Everywhere = q.Mode
	}
	var err error
	if f.registry, err = r.registry(); err != nil {
		return nil, err
	}
	f.Registry = registryOf{f.registry}
	if q.stop {
		if err := s.files(r, f); err != nil {
			return nil, err
		}
		s.askStopped(ctx, f, known)
		return f, nil
	}
	states, err := f.modes()
	if err != nil {
		return nil, err
	}
	if f.Everywhere != "" {
		controls.Everywhere(states, f.Everywhere)
	}
	controls.Hold(f.Registry, states, q.held)
	if err := s.files(r, f); err != nil {
		return nil, err
	}
	if err := s.maps(ctx, r, f, controls.Maps(f.Registry, states), known); err != nil {
		return nil, err
	}
	f.asked = controls.Ask(f.Registry, states)
	if q.blind {
		return f, nil
	}
	if q.sync {
		return f, s.askAnyhow(ctx, r, f, known)
	}
	return f, s.ask(ctx, r, f)
}

// modes are the modes of the controls. For a sync, a control without a usable mode is off here: nothing is asked for it.
func (f *facts) modes() ([]plan.Control, error) {
	if f.request.sync {
		states, _, _ := controls.ModesAnyhow(f.Registry)
		return states, nil
	}
	states, _, err := controls.Modes(f.Registry, f.request.Mode, f.request.AllOff)
	if err != nil {
		return nil, &ModeError{err}
	}
	return states, nil
}

// files reads the ledger, the configuration with its templates, and the generated files.
func (s *Server) files(r *reader, f *facts) error {
	var err error
	if f.ledger, err = r.private(ledgerFile); err != nil {
		return err
	}
	if f.Ledger, err = ledger.Parse(f.ledger); err != nil && !f.request.stop {
		return err
	}
	f.noLedger = err != nil
	if err := s.configuration(r, f); err != nil {
		return err
	}
	if f.Disk, err = s.disk(r, f.Ledger); err != nil {
		return err
	}
	f.Uncompiled = s.uncompiled(f)
	if f.ledger == nil || f.noLedger {
		f.Ledger = controls.Marks.Ledger(f.Registry, f.Disk)
	}
	info, err := inroot.Lstat(s.Root, controls.Folder)
	f.NoTemplate = s.Live() && !s.ucr().Registered(controls.MainTemplate)
	f.NoFolder = s.Live() && (err != nil || !info.IsDir()) // an archive may be older than the package
	return nil
}

// configuration reads main.cf and master.cf. It takes fingerprints of their .local files and templates.
func (s *Server) configuration(r *reader, f *facts) error {
	master, err := r.file(transaction.MasterCF)
	if err != nil {
		return err
	}
	main, err := r.file(transaction.MainCF)
	switch {
	case err != nil:
		return err
	case master == nil:
		return &NotRenderedError{transaction.MasterCF}
	case main == nil && s.Live():
		return &NotRenderedError{transaction.MainCF}
	}
	if f.now, err = parseConfiguration(main, master); err != nil {
		return because(err, f.registry)
	}
	local, err := r.private(transaction.MainCF + ".local")
	if err != nil {
		return err
	}
	if f.now.local, err = maincf.Parse(local); err != nil {
		f.now.local = nil // postconf complains about main.cf, which has the same line
	}
	if _, err := r.private(transaction.MasterCF + ".local"); err != nil {
		return err
	}
	f.Services, f.Doors, f.Relay = f.now.mastercf.AtMailPorts(), f.now.doors(), f.now.relay()
	f.Delimiter = f.now.maincf.Value("recipient_delimiter")
	f.Main, f.Tables = f.now.maincf, r.tables(f.now.maincf, f.Services)
	return r.templates()
}

// disk reads the generated files: the sender table, which may have been made by hand, all files in our folder, and the
// files that the ledger names.
func (s *Server) disk(r *reader, ours ledger.Ledger) (map[string][]byte, error) {
	paths := append([]string{controls.SenderTable}, ours.Files...)
	names, err := inroot.Names(s.Root, controls.Folder)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("cannot look into %s: %w", controls.Folder, err)
	}
	for _, name := range names {
		paths = append(paths, controls.Folder+"/"+name)
	}
	out := map[string][]byte{}
	for _, path := range paths {
		if !controls.Generated(path) {
			continue
		}
		content, err := r.file(path)
		if err != nil {
			return nil, err
		}
		if content != nil {
			out[path] = content
		}
	}
	return out, nil
}

// uncompiled returns the tables whose compiled file is gone.
func (s *Server) uncompiled(f *facts) map[string]bool {
	out := map[string]bool{}
	for path := range f.Disk {
		if path == controls.ClassesFile {
			continue
		}
		compiled, err := postfix.CompiledName(f.TypeOf(path), path)
		if err != nil || compiled == path {
			continue // Postfix reads the table itself
		}
		if _, err := inroot.Lstat(s.Root, compiled); errors.Is(err, fs.ErrNotExist) {
			out[path] = true
		}
	}
	return out
}
