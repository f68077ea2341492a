package transaction

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"ucs-harden/internal/similar"
	"ucs-harden/outcome"
	"ucs-harden/plan"
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
	newer, err := m.newer(c)
	if err != nil {
		return nil, outcome.Unchanged(err)
	}
	if !force {
		if conflicts, err := m.conflicts(ctx, c, newer); err != nil {
			return nil, outcome.Unchanged(err)
		} else if len(conflicts) > 0 {
			return nil, outcome.Unchanged(fmt.Errorf("%w: %s", ErrConflict, strings.Join(conflicts, "; ")))
		}
	}
	ports := m.Verification.Greetings(ctx)
	t, err := m.beforehand(ctx, c, nil, Journal{Kind: RollingBack, Forced: force})
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
	if err := m.Store.open(Journal{ID: c.ID, Kind: RollingBack, Forced: force, By: m.By}); err != nil {
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
	back := &TakenBack{Manifest: c, Kept: kept}
	for _, r := range newer {
		back.Newer = append(back.Newer, r.ID)
	}
	return back, nil
}

// TakenBack is a change that was rolled back.
type TakenBack struct {
	*Manifest
	// Kept is what was kept of the changes of others.
	Kept Kept
	// Newer are the IDs of newer changes that stay in effect, oldest first. Then the server is not as it was before.
	Newer []string
}

// Chosen are the changes that a rollback takes back, the newest first: the one with the ID id; or all that are newer than
// the one with the ID to, which stays; or, without both, the last one that is in effect.
func (m *Machine) Chosen(id, to string) ([]Record, error) {
	all, err := m.Store.List()
	if err != nil {
		return nil, err
	}
	named := func(id string) func(Record) bool { return func(r Record) bool { return r.ID == id } }
	for option, id := range map[string]string{"": id, "--to ": to} {
		if id == "" {
			continue
		}
		n := slices.IndexFunc(all, named(id))
		if n < 0 {
			return nil, unknown(option, id, all)
		}
		if !all[n].InEffect() && id == to {
			return nil, outcome.Unchanged(fmt.Errorf("%w in effect: %s is %s", ErrNoChange, id, all[n].State))
		}
		if !all[n].InEffect() {
			return nil, nothing(nil, fmt.Sprintf("%s is not in effect, it is %s", id, all[n].State))
		}
		if id != to && all[n].urgent() {
			return nil, outcome.Unchanged(fmt.Errorf("%w: %s", ErrUrgent, id))
		}
	}
	var out []Record
	for _, r := range slices.Backward(all) {
		switch {
		case !r.InEffect(), r.urgent() && r.ID != to, id != "" && r.ID != id:
			continue
		case to != "" && r.ID == to:
			return out, nothing(out, "no change is newer than "+to)
		case r.Damaged != nil:
			return nil, outcome.Unchanged(r.Damaged)
		}
		if out = append(out, r); to == "" {
			break
		}
	}
	return out, nothing(out, "no change is in effect")
}

func nothing(chosen []Record, why string) error {
	if len(chosen) > 0 {
		return nil
	}
	return outcome.Unchanged(&NothingError{why})
}

// unknown is the error for an ID that no change has. Its hint names changes in effect that may have been meant; option is
// what stood before the ID.
func unknown(option, id string, all []Record) error {
	var ids, meant []string
	for _, r := range all {
		if !r.InEffect() || r.urgent() {
			continue
		}
		ids = append(ids, r.ID)
		if strings.HasPrefix(r.ID, id) || strings.HasSuffix(r.ID, id) {
			meant = append(meant, r.ID)
		}
	}
	if len(meant) != 1 {
		meant = similar.To(id, ids)
	}
	err := outcome.Unchanged(fmt.Errorf("%w: the history has no change %s", ErrNoChange, id))
	if len(meant) == 0 {
		return err
	}
	return outcome.Advise(err, "did you mean: ucs-harden rollback "+option+strings.Join(meant, " or "))
}

// pick finds the change to take back. A damaged one cannot be taken back, and is not passed over.
func (m *Machine) pick(id string) (*Manifest, error) {
	chosen, err := m.Chosen(id, "")
	if err != nil {
		return nil, err
	}
	return chosen[0].Manifest, nil
}

// newer returns the changes in effect that are newer than another, oldest first. None is newer than one that has not
// ended, whatever the clock said: no other change begins before, but for urgent ones.
func (m *Machine) newer(c *Manifest) ([]Record, error) {
	all, err := m.Store.List()
	if err != nil {
		return nil, err
	}
	state := m.Store.State(c.ID)
	last := state == Unfinished || state == Waiting
	n := slices.IndexFunc(all, func(r Record) bool { return r.ID == c.ID })
	return slices.DeleteFunc(all[n+1:], func(r Record) bool { return !r.InEffect() || last && !r.urgent() }), nil
}

// conflicts names the variables and files that someone has changed since, or a newer change.
func (m *Machine) conflicts(ctx context.Context, c *Manifest, newer []Record) ([]string, error) {
	var out []string
	now, err := m.Registry.Normal()
	if err != nil {
		return nil, err
	}
	for key, value := range c.after() {
		if !same(now.value(key), value) && !m.lasts(key) {
			out = append(out, "variable "+key+by(newer, func(n *Manifest) bool {
				_, changes := n.after()[key]
				return changes
			}))
		}
	}
	slices.Sort(out)
	for _, f := range c.Files {
		now, err := look(m.path(f.Path))
		if err != nil {
			return nil, err
		}
		if f.Kind == plan.Ledger || m.lasts(f.Path) {
			continue // nobody else's: see ledgerBefore
		}
		// A file that is gone is nobody's setting: the way back restores it, or needs it no more.
		if f.Gone && now.present() || now.present() && f.After != "" && m.sum(f.Kind, now.content) != f.After {
			out = append(out, "file "+f.Path+by(newer, func(n *Manifest) bool {
				return slices.ContainsFunc(n.Files, func(other File) bool { return other.Path == f.Path })
			}))
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

// by names the last of the newer changes that has changed the same; "" if none has.
func by(newer []Record, changes func(*Manifest) bool) string {
	for _, r := range slices.Backward(newer) {
		if r.Damaged == nil && changes(r.Manifest) {
			return " (by the newer change " + r.ID + ")"
		}
	}
	return ""
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
