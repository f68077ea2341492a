package transaction

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"strings"
	"time"

	"ucs-harden/outcome"
	"ucs-harden/plan"
)

// Options of an apply.
type Options struct {
	// Version, By (who applies), Accepted and Rehearsal (the result in words) are kept in the history.
	Version   string
	By        string
	Accepted  []string
	Rehearsal string
	// Evidence is what the mail log said about a control that comes to enforce, as JSON; nil for other changes.
	Evidence json.RawMessage
	Now      time.Time
	// Urgent: the change stops accounts, or lifts that. It begins even while another change waits or could not be taken
	// back.
	Urgent bool
	// Registry is the registry that the plan was made from. Without it, a change of another variable meanwhile looks like
	// a fault of the rendered files.
	Registry Values
	// ConfirmWithin is how long the apply waits for Confirm, counted from its end. After that time Recover takes the
	// apply back. 0: the apply does not wait.
	ConfirmWithin time.Duration
	// Watch is called before the first change when ConfirmWithin is set. It starts what runs Recover at the deadline, or
	// when this process dies before.
	Watch func(ctx context.Context, id string) error
}

// Apply carries out a plan. The caller holds the lock and has just checked that the plan is not stale.
//
//  1. Preflight looks whether everything can be written. All before-images are written, and the disk space for the way
//     back is reserved. If that fails, nothing was changed.
//  2. The journal is opened; from here on Recover takes the change back. With ConfirmWithin, Watch is called; if Watch
//     fails, the journal is closed and nothing was changed.
//  3. The steps of the package comment are done.
//  4. If a step fails, the old state is restored and the error is ErrRolledBack. If that fails as well, the error is
//     ErrIncomplete; the journal stays, and Recover can try again. What someone else has changed meanwhile fails the step
//     and is kept. If it is found before ucr has changed anything, the error is ErrStale and nothing was changed.
//  5. The journal is closed, or tells until when the apply waits for Confirm.
//
// Apply returns the ID of the change as soon as there is one.
func (m *Machine) Apply(ctx context.Context, p *plan.Plan, o Options) (string, error) {
	m.begin(StepBackup)
	if err := m.Preflight(p); err != nil {
		return "", err
	}
	ports := m.Verification.Greetings(ctx)
	c, err := m.backup(p, o)
	if err != nil {
		return "", outcome.Unchanged(err)
	}
	nested := false
	if o.Urgent {
		if nested, err = m.Store.cover(); err != nil {
			m.Store.forget(c.ID)
			return "", outcome.Unchanged(err)
		}
	}
	if !nested { // else the other change has reserved its space
		if err := m.reserve(c.size + o.Registry.size()); err != nil {
			m.Store.forget(c.ID)
			return "", err
		}
	}
	m.done(StepBackup)
	if err := m.Store.open(Journal{ID: c.ID, Kind: Applying}); err != nil {
		if !nested {
			m.giveSpace()
		}
		m.Store.forget(c.ID)
		return c.ID, outcome.Unchanged(errors.Join(err, m.Store.uncover()))
	}
	if o.ConfirmWithin > 0 {
		if err := o.Watch(ctx, c.ID); err != nil {
			return c.ID, m.abandon(ctx, c, err)
		}
	}
	m.done(StepJournal)
	t := afterwards(p, c, o.Registry, ports)
	if _, err := m.drive(ctx, &t); err != nil {
		return c.ID, m.undo(ctx, c, err)
	}
	if o.ConfirmWithin > 0 {
		err = m.Store.open(awaits(c.ID, o.ConfirmWithin, m.now())) // the space stays reserved
	} else {
		err = m.end(c.ID, Applied)
	}
	if err != nil {
		return c.ID, m.undo(ctx, c, err)
	}
	m.done(StepFinish)
	return c.ID, nil
}

// abandon ends a change that has only opened the journal.
func (m *Machine) abandon(ctx context.Context, c *Manifest, cause error) error {
	cause = fmt.Errorf("%w: %w", ErrUnwatched, cause)
	m.giveSpace()
	if err := m.Store.close(); err != nil {
		return m.undo(ctx, c, cause)
	}
	m.Store.forget(c.ID)
	return outcome.Unchanged(cause)
}

// undo restores the old state after a failed step. A cancelled context does not stop undo: it may be what stopped the
// step.
func (m *Machine) undo(ctx context.Context, c *Manifest, cause error) error {
	var conflict *ConflictError
	errors.As(cause, &conflict)
	kept, err := m.driveBack(context.WithoutCancel(ctx), c, conflict)
	unchanged := err == nil && conflict != nil && conflict.untouched
	switch {
	case unchanged:
		err = m.Store.close()
	case err == nil:
		m.Store.because(cause.Error())
		err = m.end(c.ID, Undone)
	}
	if err != nil {
		return fmt.Errorf("%w: %w; the way back failed as well: %w", ErrIncomplete, cause, err)
	}
	if unchanged {
		m.Store.forget(c.ID)
		return outcome.Unchanged(fmt.Errorf("%w: %w", ErrStale, conflict))
	}
	if kept.None() {
		return fmt.Errorf("%w: %w", ErrRolledBack, cause)
	}
	return fmt.Errorf("%w: %w; this was kept: %s", ErrRolledBack, cause, kept)
}

// end closes the journal.
func (m *Machine) end(id string, as State) error {
	if !m.Store.nested() {
		m.giveSpace()
	}
	if err := m.Store.end(id, as); err != nil {
		return err
	}
	m.Store.prune(m.now().Wall)
	return nil
}

// driveBack drives to "before" after a step of this run has failed. Postfix need not reload when only tables have
// changed.
func (m *Machine) driveBack(ctx context.Context, c *Manifest, conflict *ConflictError) (Kept, error) {
	m.giveSpace()
	others := Others{}
	if conflict != nil {
		maps.Copy(others, conflict.Others) // the journal lacks them if there was no space for it
	}
	t, err := m.beforehand(ctx, c, others, Journal{Kind: Applying})
	if err != nil {
		return Kept{}, err
	}
	pending, err := (&driver{Machine: m, t: &t}).pending()
	if err != nil {
		return Kept{}, err
	}
	t.reload = len(pending) > 0 || !t.difference(t.registry).none() // else smtpd has seen new tables at most
	return m.drive(ctx, &t)
}

// backup writes the images of everything the plan touches.
func (m *Machine) backup(p *plan.Plan, o Options) (*Manifest, error) {
	c := &Manifest{
		Schema: manifestSchema, ID: newID(o.Now), Time: o.Now.UTC(), Version: o.Version, By: o.By,
		Mode: p.Mode, Controls: p.Controls, Accepted: o.Accepted, Rehearsal: o.Rehearsal, Evidence: o.Evidence, Urgent: o.Urgent,
		Variables: p.Variables,
	}
	b := backup{machine: m, contents: map[string][]byte{}}
	for _, f := range p.Files {
		c.Files = append(c.Files, b.file(f))
	}
	for _, r := range p.Rendered.Files() {
		current, next := m.Registry.Canonical(r.Path, r.Current), m.Registry.Canonical(r.Path, r.Next)
		c.Rendered = append(c.Rendered, RenderedFile{
			Path: r.Path, Before: b.image(r.Path), Current: hash(current), Turned: turned(current, next),
		})
	}
	if p.Rendered != nil {
		b.contents["master.cf.backup"] = p.Rendered.Master.Now
	}
	b.contents["smtpd_restrictions.backup"] = []byte(p.Restrictions)
	if err := errors.Join(b.errs...); err != nil {
		return nil, err
	}
	for _, content := range b.contents {
		c.size += int64(len(content))
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
		out.After = b.machine.sum(f.Kind, []byte(*f.After))
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
