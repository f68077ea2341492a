package transaction

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"ucs-harden/internal/lexical"
	"ucs-harden/plan"
)

// commit renders main.cf and master.cf, unless ucr has done so while it set the variables, and compares both with the dry
// run.
func (d *driver) commit(ctx context.Context) error {
	pending, err := d.pending()
	if err != nil || len(pending) == 0 {
		return err
	}
	return d.render(ctx, pending)
}

// stillRendered compares both files again, at the end. Handlers of another ucr may have run since, and may have rendered
// an older registry: ucr runs them without its lock.
func (d *driver) stillRendered(ctx context.Context) error {
	pending, err := d.pending()
	if err != nil || len(pending) == 0 {
		return err
	}
	if err := d.render(ctx, pending); err != nil {
		return err
	}
	return d.reloadIfRunning(ctx)
}

// pending returns the rendered files that differ from their targets. The others are not rendered again: on the way back
// they may be what could not be written.
func (d *driver) pending() (paths []string, err error) {
	others, err := d.othersChanged()
	if err != nil {
		return nil, err
	}
	for _, r := range d.t.rendered {
		now, err := look(d.path(r.path))
		if err != nil {
			return nil, err
		}
		if !d.right(r, now, len(others) > 0) {
			paths = append(paths, r.path)
		}
	}
	return paths, nil
}

// renderTries is how often files are rendered while someone else changes the registry.
const renderTries = 5

// render renders files, and puts the before-image in place where the target is exact.
func (d *driver) render(ctx context.Context, paths []string) error {
	d.dirty = true
	for try := 1; ; try++ {
		if err := d.Registry.Commit(ctx, paths...); err != nil {
			return err
		}
		wrong, others, err := d.exact()
		if err != nil || wrong == nil {
			return err
		}
		if len(others) == 0 || try == renderTries {
			return d.mismatch(*wrong, others)
		}
		if !slices.Contains(paths, wrong.path) {
			paths = append(paths, wrong.path)
		}
	}
}

// exact restores the before-images, unless someone else has changed the registry since the dry run: then they lack that
// change. It returns a file that is not what it should be.
func (d *driver) exact() (wrong *renderedTarget, others []string, err error) {
	if others, err = d.othersChanged(); err != nil {
		return nil, nil, err
	}
	for _, r := range d.t.rendered {
		now, err := look(d.path(r.path))
		if err != nil {
			return nil, nil, err
		}
		if r.exact.present() && len(others) == 0 && !now.same(r.exact) {
			if err := put(d.path(r.path), r.exact); err != nil {
				return nil, nil, err
			}
			if others, err = d.othersChanged(); err != nil || len(others) > 0 {
				return &r, others, err // the change may have been rendered just before
			}
			continue
		}
		if !d.right(r, now, len(others) > 0) {
			return &r, others, nil
		}
	}
	return nil, nil, nil
}

// othersChanged are the variables that someone else has changed since the dry run. On the way forward, a variable of the
// change is a conflict.
func (d *driver) othersChanged() ([]string, error) {
	diff, err := d.differences()
	if err != nil {
		return nil, err
	}
	keys := slices.Collect(maps.Keys(d.kept.Others))
	if d.t.registry != nil {
		keys = append(keys, d.t.registry.without(d.t.variables).differing(diff.seen.without(d.t.variables))...)
	}
	slices.Sort(keys)
	return slices.Compact(keys), nil
}

// right reports whether a rendered file is what it should be. Where someone else has changed the registry since the dry
// run, only the lines of the change count.
func (d *driver) right(r renderedTarget, now snapshot, others bool) bool {
	switch {
	case !others && r.exact.present():
		return now.same(r.exact)
	case bytes.Equal(d.Registry.Canonical(r.path, r.expected), d.Registry.Canonical(r.path, now.content)):
		return true
	case !others:
		return false
	}
	lines := logicalLines(d.Registry.Canonical(r.path, now.content))
	in := func(line string) bool { return lines[line] }
	out := func(line string) bool { return !lines[line] }
	if d.t.back {
		return !slices.ContainsFunc(r.turned.Added, in)
	}
	return !slices.ContainsFunc(r.turned.Added, out) && !slices.ContainsFunc(r.turned.Removed, in)
}

// mismatch is the error of a file that is not what it should be.
func (d *driver) mismatch(r renderedTarget, others []string) error {
	if len(others) > 0 {
		return fmt.Errorf("%s is not what the dry run has shown: %w", r.path, &ConflictError{Beside: others})
	}
	now, err := look(d.path(r.path))
	if err != nil {
		return err
	}
	if r.exact.present() {
		return fmt.Errorf("%s is not what it was before", r.path)
	}
	want, got := d.Registry.Canonical(r.path, r.expected), d.Registry.Canonical(r.path, now.content)
	return fmt.Errorf("%s is not what the dry run has shown:\n%s", r.path, plan.Unified(r.path, string(want), string(got)))
}

// turned compares two renderings.
func turned(before, after []byte) Turned {
	then, now := logicalLines(before), logicalLines(after)
	var t Turned
	for _, line := range slices.Sorted(maps.Keys(now)) {
		if !then[line] {
			t.Added = append(t.Added, line)
		}
	}
	for _, line := range slices.Sorted(maps.Keys(then)) {
		if !now[line] {
			t.Removed = append(t.Removed, line)
		}
	}
	return t
}

// logicalLines are the logical lines of main.cf or master.cf.
func logicalLines(content []byte) map[string]bool {
	lines := map[string]bool{}
	for _, part := range lexical.Parts(content) {
		if part.Text != "" {
			lines[strings.Join(strings.Fields(part.Text), " ")] = true
		}
	}
	return lines
}
