package transaction

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"

	"ucs-harden/mastercf"
	"ucs-harden/plan"
)

// driver moves the machine to one target. The package comment tells the order of the steps.
type driver struct {
	*Machine
	t target
	// dirty: main.cf or master.cf may have changed, so Postfix must reload.
	dirty bool
}

func (d *driver) missing() (map[string]string, []string, error) {
	get, err := d.Registry.Normal()
	if err != nil {
		return nil, nil, err
	}
	set, unset := missing(d.t.variables, get)
	slices.Sort(unset)
	return set, unset, nil
}

func (d *driver) set(ctx context.Context) error {
	set, _, err := d.missing()
	if err != nil || len(set) == 0 {
		return err
	}
	d.dirty = true
	if !d.t.back {
		return d.Registry.Set(ctx, set)
	}
	return d.unlessDone(d.Registry.Restore(ctx, set), func(set map[string]string, _ []string) bool { return len(set) == 0 })
}

// unlessDone drops the error of a write on the way back if the registry holds the target nevertheless: ucr may fail
// after it has written everything, such as when it cannot write its replog. What its handlers should have rendered is
// rendered by commit and compared with the before-images.
func (d *driver) unlessDone(err error, done func(set map[string]string, unset []string) bool) error {
	if err == nil || !d.t.back {
		return err
	}
	set, unset, unknown := d.missing()
	if unknown != nil || !done(set, unset) {
		return err
	}
	return nil
}

// unsetOverrides removes -o overrides from master.cf before any other variable is unset, and reloads Postfix. When the
// registry no longer has the overrides, master(8) may still have them: an earlier run may have been interrupted before
// the reload. So the step is repeated as long as other variables have yet to be unset.
func (d *driver) unsetOverrides(ctx context.Context) error {
	_, unset, err := d.missing()
	if err != nil {
		return err
	}
	isOverride := func(key string) bool { return strings.HasPrefix(key, mastercf.OptionsPrefix) }
	leaving := false
	for key, value := range d.t.variables {
		leaving = leaving || value == nil && isOverride(key)
	}
	var overrides []string
	for _, key := range unset {
		if isOverride(key) {
			overrides = append(overrides, key)
		}
	}
	if !leaving || len(overrides) == len(unset) {
		return nil
	}
	d.dirty = true
	err = d.unlessDone(d.Registry.Unset(ctx, overrides), func(_ map[string]string, unset []string) bool {
		return !slices.ContainsFunc(unset, isOverride)
	})
	if err != nil {
		return err
	}
	if err := d.Registry.Commit(ctx, MasterCF); err != nil {
		return err
	}
	return d.reloadIfRunning(ctx)
}

func (d *driver) unset(ctx context.Context) error {
	_, unset, err := d.missing()
	if err != nil || len(unset) == 0 {
		return err
	}
	d.dirty = true
	return d.unlessDone(d.Registry.Unset(ctx, unset), func(_ map[string]string, unset []string) bool { return len(unset) == 0 })
}

// commit renders main.cf and master.cf, unless ucr has done so while it set the variables, and compares both with the dry
// run.
func (d *driver) commit(ctx context.Context) error {
	pending, err := d.pending()
	if err != nil || !pending {
		return err
	}
	d.dirty = true
	var paths []string
	for _, r := range d.t.rendered {
		paths = append(paths, r.path)
	}
	if err := d.Registry.Commit(ctx, paths...); err != nil {
		return err
	}
	return d.compare(true)
}

// pending reports whether a rendered file differs from its target.
func (d *driver) pending() (bool, error) {
	for _, r := range d.t.rendered {
		now, err := look(d.path(r.path))
		if err != nil {
			return false, err
		}
		if r.exact.present() && !now.same(r.exact) || !r.exact.present() && !d.asExpected(r, now) {
			return true, nil
		}
	}
	return false, nil
}

// compare compares the rendered files with their targets. With mend, it restores the before-image where the target is
// exact.
func (d *driver) compare(mend bool) error {
	for _, r := range d.t.rendered {
		now, err := look(d.path(r.path))
		if err != nil {
			return err
		}
		if r.exact.present() {
			if mend {
				if now.same(r.exact) {
					continue
				}
				if err := put(d.path(r.path), r.exact); err != nil {
					return err
				}
			} else if !bytes.Equal(now.content, r.exact.content) {
				return fmt.Errorf("%s is not what it was before", r.path)
			}
			continue
		}
		if !d.asExpected(r, now) {
			want, got := d.Registry.Canonical(r.path, r.expected), d.Registry.Canonical(r.path, now.content)
			diff := plan.Unified(r.path, string(want), string(got))
			return fmt.Errorf("%s is not what the dry run has shown:\n%s", r.path, diff)
		}
	}
	return nil
}

// asExpected reports whether a file is what the dry run has shown.
func (d *driver) asExpected(r renderedTarget, now snapshot) bool {
	return bytes.Equal(d.Registry.Canonical(r.path, r.expected), d.Registry.Canonical(r.path, now.content))
}

func (d *driver) check(ctx context.Context) error {
	if !d.dirty {
		return nil
	}
	return d.Postfix.Check(ctx)
}

func (d *driver) reload(ctx context.Context) error {
	if !d.dirty {
		return nil
	}
	return d.reloadIfRunning(ctx)
}

func (d *driver) reloadIfRunning(ctx context.Context) error {
	running, err := d.Postfix.Running(ctx)
	if err != nil || !running {
		return err
	}
	return d.Postfix.Reload(ctx)
}

// verify checks the registry, the rendered files, postconf and the ports.
func (d *driver) verify(ctx context.Context) error {
	set, unset, err := d.missing()
	if err != nil {
		return err
	}
	if len(set)+len(unset) > 0 {
		return fmt.Errorf("the registry does not hold what was written: %d variables differ", len(set)+len(unset))
	}
	if err := d.compare(false); err != nil {
		return err
	}
	if len(d.t.expect.Main)+len(d.t.expect.Master) > 0 {
		if err := d.Verification.Configured(ctx, d.t.expect); err != nil {
			return err
		}
	}
	if len(d.t.ports) == 0 {
		return nil
	}
	return d.Verification.Greet(ctx, d.t.ports, d.t.expect)
}
