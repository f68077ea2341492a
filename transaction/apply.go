package transaction

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"ucs-harden/outcome"
	"ucs-harden/plan"
)

// Options are what the history should know about an apply.
type Options struct {
	Version  string
	Accepted []string
	// Rehearsal says what came of rehearsing the plan.
	Rehearsal string
	Now       time.Time
	// ConfirmWithin, if it is set, makes the apply wait for Confirm, that long
	// from its end on; Recover takes it back after that.
	ConfirmWithin time.Duration
	// Watch is then called before anything is touched: it sets up what runs
	// Recover when the deadline has come, or when we have died before.
	Watch func(ctx context.Context, id string) error
}

// Apply brings the machine from the state the plan was made from to the one it
// shows. The caller holds the lock and has just compared the states.
//
//  1. Every image that will be needed for the way back goes to disk; if that
//     fails, nothing has been changed.
//  2. The journal is opened; from here on Recover takes the change back.
//     With ConfirmWithin, somebody is found who will; if nobody is, the journal
//     is closed again and nothing has been changed.
//  3. The steps of the package comment are done.
//  4. If one fails, the machine is driven back to where it was, and the error
//     is ErrRolledBack, or ErrIncomplete when that failed too: then the
//     journal stays and Recover can try again.
//  5. The journal is closed, or says until when it waits for Confirm.
//
// The name of the change is returned as soon as there is one.
func (m *Machine) Apply(ctx context.Context, p *plan.Plan, o Options) (string, error) {
	m.begin(StepBackup)
	ports := m.Postfix.Greetings(ctx)
	c, err := m.backup(p, o)
	if err != nil {
		return "", outcome.Unchanged(err)
	}
	m.done(StepBackup)
	if err := m.Store.open(Journal{ID: c.ID, Kind: Applying}); err != nil {
		m.Store.forget(c.ID)
		return c.ID, outcome.Unchanged(err)
	}
	if o.ConfirmWithin > 0 {
		if err := o.Watch(ctx, c.ID); err != nil {
			return c.ID, m.abandon(ctx, c, err)
		}
	}
	m.done(StepJournal)
	if err := m.drive(ctx, afterwards(p, c, ports)); err != nil {
		return c.ID, m.undo(ctx, c, err)
	}
	if o.ConfirmWithin > 0 {
		err = m.Store.open(awaits(c.ID, o.ConfirmWithin, m.now()))
	} else {
		err = m.Store.end(c.ID, Applied)
	}
	if err != nil {
		return c.ID, m.undo(ctx, c, err)
	}
	m.done(StepFinish)
	return c.ID, nil
}

// abandon ends a change of which only the journal was opened.
func (m *Machine) abandon(ctx context.Context, c *Manifest, cause error) error {
	cause = fmt.Errorf("%w: %w", ErrUnwatched, cause)
	if err := m.Store.close(); err != nil {
		return m.undo(ctx, c, cause)
	}
	m.Store.forget(c.ID)
	return outcome.Unchanged(cause)
}

// undo drives back after a failed step. It must not be stopped by what stopped
// the step, so a cancelled context does not count.
func (m *Machine) undo(ctx context.Context, c *Manifest, cause error) error {
	back := context.WithoutCancel(ctx)
	err := m.driveBack(back, c)
	if err == nil {
		err = m.Store.end(c.ID, Undone)
	}
	if err != nil {
		return fmt.Errorf("%w: %w; the way back failed as well: %w", ErrIncomplete, cause, err)
	}
	return fmt.Errorf("%w: %w", ErrRolledBack, cause)
}

// driveBack leads to "before" after a step of this run has failed. Postfix need
// not reload when it has seen nothing but tables.
func (m *Machine) driveBack(ctx context.Context, c *Manifest) error {
	t, err := m.beforehand(ctx, c)
	if err != nil {
		return err
	}
	pristine, err := m.pristine(t)
	if err != nil {
		return err
	}
	t.reload = !pristine
	return m.drive(ctx, t)
}

// pristine reports whether the registry and the rendered files are already
// what they were. Then no smtpd has seen anything else but tables.
func (m *Machine) pristine(t target) (bool, error) {
	get, err := m.Registry.Normal()
	if err != nil {
		return false, err
	}
	set, unset := missing(t.variables, get)
	pending, err := (&driver{Machine: m, t: t}).pending()
	return len(set)+len(unset) == 0 && !pending, err
}

// backup writes the images of everything the plan touches.
func (m *Machine) backup(p *plan.Plan, o Options) (*Manifest, error) {
	c := &Manifest{
		Schema: manifestSchema, ID: newID(o.Now), Time: o.Now.UTC(), Version: o.Version,
		Mode: p.Mode, Controls: p.Controls, Accepted: o.Accepted, Rehearsal: o.Rehearsal, Variables: p.Variables,
	}
	b := backup{machine: m, contents: map[string][]byte{}}
	for _, f := range p.Files {
		c.Files = append(c.Files, b.file(f))
	}
	for _, r := range p.Rendered.Files() {
		c.Rendered = append(c.Rendered, RenderedFile{Path: r.Path, Before: b.image(r.Path), Current: hash(m.Registry.Canonical(r.Path, r.Current))})
	}
	if p.Rendered != nil {
		b.contents["master.cf.backup"] = p.Rendered.Master.Now
	}
	b.contents["smtpd_restrictions.backup"] = []byte(p.Restrictions)
	if err := errors.Join(b.errs...); err != nil {
		return nil, err
	}
	if err := m.Store.save(c, b.contents); err != nil {
		m.Store.forget(c.ID)
		return nil, err
	}
	return c, nil
}

// backup collects before-images.
type backup struct {
	machine  *Machine
	contents map[string][]byte
	errs     []error
}

func (b *backup) image(path string) *Image {
	s, err := look(b.machine.path(path))
	if err != nil {
		b.errs = append(b.errs, err)
		return nil
	}
	if !s.present() {
		return nil
	}
	stored := strings.ReplaceAll(strings.Trim(path, "/"), "/", "_")
	b.contents[filepath.Join("files", stored)] = s.content
	return &Image{Stored: stored, SHA256: hash(s.content), Mode: s.mode, UID: s.uid, GID: s.gid}
}

func (b *backup) file(f plan.File) File {
	out := File{Path: f.Path, Kind: f.Kind, Type: f.Type, Before: b.image(f.Path), Gone: f.Action == plan.Remove}
	if f.After != nil {
		out.After = hash([]byte(*f.After))
	}
	if f.Kind == plan.Table {
		compiled, err := b.machine.Postfix.Compiled(f.Type, f.Path)
		if err != nil {
			b.errs = append(b.errs, err)
		}
		out.Compiled, out.CompiledBefore = compiled, b.image(compiled)
	}
	return out
}
