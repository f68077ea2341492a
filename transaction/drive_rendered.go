package transaction

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"ucs-harden/plan"
)

// commit renders main.cf and master.cf, unless ucr has done so while it set the variables, and compares both with the dry
// run.
func (d *driver) commit(ctx context.Context) error {
	pending, err := d.pending()
	if err != nil || !pending {
		return err
	}
	return d.render(ctx)
}

// stillRendered compares both files again, at the end. Handlers of another ucr may have run since, and may have rendered
// an older registry: ucr runs them without its lock.
func (d *driver) stillRendered(ctx context.Context) error {
	pending, err := d.pending()
	if err != nil || !pending {
		return err
	}
	if err := d.render(ctx); err != nil {
		return err
	}
	return d.reloadIfRunning(ctx)
}

// pending reports whether a rendered file differs from its target.
func (d *driver) pending() (bool, error) {
	others, err := d.othersChanged()
	if err != nil {
		return false, err
	}
	for _, r := range d.t.rendered {
		now, err := look(d.path(r.path))
		if err != nil {
			return false, err
		}
		if !d.right(r, now, len(others) > 0) {
			return true, nil
		}
	}
	return false, nil
}

// renderTries is how often a file is rendered while someone else changes the registry.
const renderTries = 5

// render renders both files, and puts the before-image in place where the target is exact.
func (d *driver) render(ctx context.Context) error {
	d.dirty = true
	var paths []string
	for _, r := range d.t.rendered {
		paths = append(paths, r.path)
	}
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

// logicalLines are the logical lines of main.cf or master.cf: a line that begins with white space continues the previous
// one; empty lines and comments do not count (postconf(5)).
func logicalLines(content []byte) map[string]bool {
	lines := map[string]bool{}
	current := ""
	end := func() {
		if current != "" {
			lines[current] = true
		}
		current = ""
	}
	for line := range strings.Lines(string(content)) {
		text := strings.TrimSpace(line)
		switch {
		case text == "" || text[0] == '#':
		case line[0] == ' ' || line[0] == '\t':
			current += " " + text
		default:
			end()
			current = text
		}
	}
	end()
	return lines
}
