package transaction

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"ucs-harden/outcome"
)

// Rollback takes back the change with an ID, or the last one that is in effect. What someone else has changed since is
// a conflict; with force it is overwritten. What someone else changes during the rollback is kept. If a step fails, the
// journal stays and Recover continues.
func (m *Machine) Rollback(ctx context.Context, id string, force bool) (*TakenBack, error) {
	j, err := m.Store.Journal()
	if err != nil {
		return nil, err
	}
	if j != nil && id == "" {
		id = j.ID // the last change, whatever the clock said when it was made
	}
	c, err := m.pick(id)
	if err != nil {
		return nil, err
	}
	if j != nil && j.ID != c.ID {
		return nil, outcome.Unchanged(fmt.Errorf("%w (%s)", ErrWaiting, j.ID))
	}
	if !force {
		if conflicts, err := m.conflicts(ctx, c); err != nil {
			return nil, outcome.Unchanged(err)
		} else if len(conflicts) > 0 {
			return nil, outcome.Unchanged(fmt.Errorf("%w: %s", ErrConflict, strings.Join(conflicts, "; ")))
		}
	}
	ports := m.Verification.Greetings(ctx)
	t, err := m.beforehand(ctx, c, nil, force)
	if err != nil {
		return nil, outcome.Unchanged(err)
	}
	t.reload, t.ports = true, ports
	if err := m.preflight(c.paths()); err != nil {
		return nil, err
	}
	if err := m.reserve(t.size()); err != nil {
		return nil, err
	}
	m.giveSpace()
	if err := m.Store.open(Journal{ID: c.ID, Kind: RollingBack, Forced: force}); err != nil {
		return nil, outcome.Unchanged(err)
	}
	m.done(StepJournal)
	// An interrupt is ignored from here on: it would leave a half-done rollback.
	kept, err := m.drive(context.WithoutCancel(ctx), &t)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrIncomplete, err)
	}
	if err := m.end(c.ID, RolledBack); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrIncomplete, err)
	}
	m.done(StepFinish)
	return &TakenBack{c, kept}, nil
}

// TakenBack is a change that was rolled back, and what was kept of the changes of others.
type TakenBack struct {
	*Manifest
	Kept Kept
}

// pick finds the change to take back. A damaged one cannot be taken back, and is not passed over.
func (m *Machine) pick(id string) (*Manifest, error) {
	all, err := m.Store.List()
	if err != nil {
		return nil, err
	}
	for _, r := range slices.Backward(all) {
		switch {
		case id != "" && r.ID != id:
		case r.InEffect() && r.Damaged != nil:
			return nil, outcome.Unchanged(r.Damaged)
		case r.InEffect():
			return r.Manifest, nil
		case id != "":
			return nil, fmt.Errorf("%w: %s is not in effect, it is %s", ErrNothing, id, r.State)
		}
	}
	if id != "" {
		return nil, fmt.Errorf("%w: the history has no change %s", ErrNothing, id)
	}
	return nil, fmt.Errorf("%w: no change is in effect", ErrNothing)
}

// conflicts names the variables and files that someone has changed since.
func (m *Machine) conflicts(ctx context.Context, c *Manifest) ([]string, error) {
	var out []string
	now, err := m.Registry.Normal()
	if err != nil {
		return nil, err
	}
	for key, value := range c.after() {
		if !same(now.value(key), value) {
			out = append(out, "variable "+key)
		}
	}
	slices.Sort(out)
	for _, f := range c.Files {
		now, err := look(m.path(f.Path))
		if err != nil {
			return nil, err
		}
		// A file that is gone is nobody's setting: the way back restores it, or needs it no more.
		if f.Gone && now.present() || now.present() && f.After != "" && hash(now.content) != f.After {
			out = append(out, "file "+f.Path)
		}
	}
	for _, r := range c.Rendered {
		edited, err := m.editedByHand(ctx, r.Path)
		if err != nil {
			return nil, err
		}
		if edited {
			out = append(out, "file "+r.Path+" (edited by hand)")
		}
	}
	return out, nil
}

// editedByHand reports whether a rendered file differs from a dry run. While someone else changes the registry, the file
// may be a rendering of the registry before: then it counts as not edited.
func (m *Machine) editedByHand(ctx context.Context, path string) (bool, error) {
	for range renderTries {
		before, err := m.Registry.Normal()
		if err != nil {
			return false, err
		}
		current, err := m.Registry.Render(ctx, Next{}, strings.TrimPrefix(path, "/"))
		if err != nil {
			return false, err
		}
		now, err := look(m.path(path))
		if err != nil {
			return false, err
		}
		if bytes.Equal(m.Registry.Canonical(path, now.content), m.Registry.Canonical(path, current)) {
			return false, nil
		}
		after, err := m.Registry.Normal()
		if err != nil || maps.Equal(before, after) {
			return err == nil, err
		}
	}
	return false, nil
}
