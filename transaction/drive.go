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

// driver moves the machine to one target; see the package comment for the
// order of the steps.
type driver struct {
	*Machine
	t target
	// dirty: main.cf or master.cf has been touched, so Postfix must reload.
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
	if d.t.back {
		return d.Registry.Restore(ctx, set)
	}
	return d.Registry.Set(ctx, set)
}

// unsetOverrides takes -o overrides out of master.cf ahead of everything else
// that goes, and lets master(8) know at once. That they are gone from the
// registry does not tell that master(8) knows: an earlier run may have been cut
// off in between. So it is done as long as anything else has yet to go.
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
	if err := d.Registry.Unset(ctx, overrides); err != nil {
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
	return d.Registry.Unset(ctx, unset)
}

// commit renders main.cf and master.cf and compares them with the dry run.
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

// pending reports whether a rendered file is not yet what it shall be.
func (d *driver) pending() (bool, error) {
	for _, r := range d.t.rendered {
		now, err := look(d.path(r.path))
		if err != nil {
			return false, err
		}
		if !r.exact.present() || !now.same(r.exact) {
			return true, nil
		}
	}
	return false, nil
}

// compare holds the rendered files against the dry run, and puts the exact
// bytes of a before-image back where these are known.
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
		want, got := d.Registry.Canonical(r.path, r.expected), d.Registry.Canonical(r.path, now.content)
		if !bytes.Equal(want, got) {
			return fmt.Errorf("%s is not what the dry run has shown:\n%s", r.path, plan.Unified(r.path, string(want), string(got)))
		}
	}
	return nil
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

// verify looks at all of it once more, as it is now.
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
		if err := d.Postfix.Verify(ctx, d.t.expect); err != nil {
			return err
		}
	}
	if len(d.t.ports) == 0 {
		return nil
	}
	return d.Postfix.Greet(ctx, d.t.ports, d.t.expect)
}
