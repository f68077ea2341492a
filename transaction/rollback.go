package transaction

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"

	"ucs-harden/outcome"
)

// Rollback takes back the change with an ID, or the last one that is in effect. What someone else has changed since is
// a conflict; with force it is overwritten. If a step fails, the journal stays and Recover continues.
func (m *Machine) Rollback(ctx context.Context, id string, force bool) (*Manifest, error) {
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
		return c, outcome.Unchanged(fmt.Errorf("%w (%s)", ErrWaiting, j.ID))
	}
	if !force {
		if conflicts, err := m.conflicts(ctx, c); err != nil {
			return c, outcome.Unchanged(err)
		} else if len(conflicts) > 0 {
			return c, outcome.Unchanged(fmt.Errorf("%w: %s", ErrConflict, strings.Join(conflicts, "; ")))
		}
	}
	ports := m.Verification.Greetings(ctx)
	t, err := m.beforehand(ctx, c)
	if err != nil {
		return c, outcome.Unchanged(err)
	}
	t.reload, t.ports = true, ports
	if err := m.Store.open(Journal{ID: c.ID, Kind: RollingBack}); err != nil {
		return c, outcome.Unchanged(err)
	}
	m.done(StepJournal)
	// An interrupt is ignored from here on: it would leave a half-done rollback.
	if err := m.drive(context.WithoutCancel(ctx), t); err != nil {
		return c, fmt.Errorf("%w: %w", ErrIncomplete, err)
	}
	if err := m.Store.end(c.ID, RolledBack); err != nil {
		return c, fmt.Errorf("%w: %w", ErrIncomplete, err)
	}
	m.done(StepFinish)
	return c, nil
}

// pick finds the change to take back.
func (m *Machine) pick(id string) (*Manifest, error) {
	all, err := m.Store.List()
	if err != nil {
		return nil, err
	}
	for _, c := range slices.Backward(all) {
		if id != "" && c.ID != id {
			continue
		}
		if state := m.Store.State(c.ID); state == Applied || state == Waiting {
			return c, nil
		}
		if id != "" {
			return nil, fmt.Errorf("%w: %s is not in effect, it is %s", ErrNothing, id, m.Store.State(c.ID))
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
	get, err := m.Registry.Normal()
	if err != nil {
		return nil, err
	}
	set, unset := missing(c.after(), get)
	for key := range set {
		out = append(out, "variable "+key)
	}
	for _, key := range unset {
		out = append(out, "variable "+key)
	}
	slices.Sort(out)
	for _, f := range c.Files {
		now, err := look(m.path(f.Path))
		if err != nil {
			return nil, err
		}
		if f.Gone == now.present() || f.After != "" && hash(now.content) != f.After {
			out = append(out, "file "+f.Path)
		}
	}
	for _, r := range c.Rendered {
		now, err := look(m.path(r.Path))
		if err != nil {
			return nil, err
		}
		current, err := m.Registry.Render(ctx, Next{}, strings.TrimPrefix(r.Path, "/"))
		if err != nil {
			return nil, err
		}
		if !bytes.Equal(m.Registry.Canonical(r.Path, now.content), m.Registry.Canonical(r.Path, current)) {
			out = append(out, "file "+r.Path+" (edited by hand)")
		}
	}
	return out, nil
}
