package transaction

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"ucs-harden/mastercf"
)

// driver moves the machine to one target. The package comment tells the order of the steps.
type driver struct {
	*Machine
	t *target
	// dirty: main.cf or master.cf may have changed, so Postfix must reload.
	dirty bool
	// wrote: ucr has been told to change variables.
	wrote bool
	// kept is what someone else has changed meanwhile, and the way back has not overwritten.
	kept Kept
}

// differences compares the registry with the target. It is called directly before each call of ucr, and directly after.
// A variable that someone else has changed is a conflict on the way forward, and is kept on the way back.
func (d *driver) differences() (difference, error) {
	now, err := d.Registry.Normal()
	if err != nil {
		return difference{}, err
	}
	diff := d.t.difference(now)
	if !d.t.back && len(diff.others) > 0 {
		return diff, &ConflictError{Others: diff.others, untouched: !d.wrote}
	}
	maps.Copy(d.kept.Others, diff.others)
	return diff, nil
}

func (d *driver) set(ctx context.Context) error {
	diff, err := d.differences()
	if err != nil || len(diff.set) == 0 {
		return err
	}
	write := d.Registry.Set
	if d.t.back {
		write = d.Registry.Restore
	}
	d.dirty, d.wrote = true, true
	others, err := write(ctx, diff.set, diff.seen)
	return d.written(ctx, others, err, func(diff difference) bool { return len(diff.set) == 0 })
}

func (d *driver) unsetKeys(ctx context.Context, diff difference, keys []string) error {
	d.dirty, d.wrote = true, true
	others, err := d.Registry.Unset(ctx, keys, diff.seen)
	return d.written(ctx, others, err, func(diff difference) bool {
		return !slices.ContainsFunc(diff.unset, func(key string) bool { return slices.Contains(keys, key) })
	})
}

// written looks at the registry directly after a call of ucr.
//
// others are values of someone else that the call has overwritten. The journal gets them, so that the way back restores
// them. On the way back they are restored at once.
//
// An error of the call is dropped on the way back if the registry holds the target nevertheless: ucr may fail after it
// has written everything, such as when it cannot write its replog. What its handlers should have rendered is rendered by
// commit and compared with the before-images.
func (d *driver) written(ctx context.Context, others Others, failure error, done func(difference) bool) error {
	if len(others) > 0 {
		if err := d.Store.note(others); err != nil && !d.t.back {
			failure = errors.Join(failure, err)
		}
		if !d.t.back {
			return errors.Join(&ConflictError{Others: others}, failure)
		}
		if err := d.giveBack(ctx, others); err != nil {
			return err
		}
	}
	diff, err := d.differences()
	switch {
	case err != nil:
		return errors.Join(err, failure)
	case failure != nil && d.t.back && done(diff):
		return nil
	}
	return failure
}

// giveBack writes values of someone else that the way back has overwritten.
func (d *driver) giveBack(ctx context.Context, others Others) error {
	maps.Copy(d.kept.Others, others)
	for key, value := range others {
		d.t.origins[key] = append(d.t.origins[key], d.t.variables[key])
		d.t.variables[key] = value
	}
	diff, err := d.differences()
	if err != nil {
		return err
	}
	maps.DeleteFunc(diff.set, func(key string, _ string) bool { _, ok := others[key]; return !ok })
	diff.unset = slices.DeleteFunc(diff.unset, func(key string) bool { _, ok := others[key]; return !ok })
	if len(diff.set) > 0 {
		again, err := d.Registry.Restore(ctx, diff.set, diff.seen)
		if err := d.written(ctx, again, err, func(diff difference) bool { return len(diff.set) == 0 }); err != nil {
			return err
		}
	}
	if len(diff.unset) > 0 {
		return d.unsetKeys(ctx, diff, diff.unset)
	}
	return nil
}

// unsetOverrides removes -o overrides from master.cf before any other variable is unset, and reloads Postfix. When the
// registry no longer has the overrides, master(8) may still have them: an earlier run may have been interrupted before
// the reload. So the step is repeated as long as other variables have yet to be unset.
func (d *driver) unsetOverrides(ctx context.Context) error {
	diff, err := d.differences()
	if err != nil {
		return err
	}
	isOverride := func(key string) bool { return strings.HasPrefix(key, mastercf.OptionsPrefix) }
	leaving := false
	for key, value := range d.t.variables {
		leaving = leaving || value == nil && isOverride(key)
	}
	var overrides []string
	for _, key := range diff.unset {
		if isOverride(key) {
			overrides = append(overrides, key)
		}
	}
	if !leaving || len(overrides) == len(diff.unset) {
		return nil
	}
	if len(overrides) > 0 {
		if err := d.unsetKeys(ctx, diff, overrides); err != nil {
			return err
		}
	}
	d.dirty = true
	pending, err := d.pending()
	if err != nil {
		return err
	}
	if slices.Contains(pending, MasterCF) { // else ucr unset has rendered it
		if err := d.Registry.Commit(ctx, MasterCF); err != nil {
			return err
		}
	}
	return d.reloadIfRunning(ctx)
}

func (d *driver) unset(ctx context.Context) error {
	diff, err := d.differences()
	if err != nil || len(diff.unset) == 0 {
		return err
	}
	return d.unsetKeys(ctx, diff, diff.unset)
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
	diff, err := d.differences()
	if err != nil {
		return err
	}
	if !diff.none() {
		return fmt.Errorf("the registry does not hold what was written: %d variables differ", len(diff.set)+len(diff.unset))
	}
	if err := d.stillRendered(ctx); err != nil {
		return err
	}
	if len(d.t.expect.Main)+len(d.t.expect.Master) > 0 {
		if err := d.Verification.Configured(ctx, d.t.expect); err != nil {
			if others, _ := d.othersChanged(); len(others) > 0 {
				return fmt.Errorf("%w; %w", &ConflictError{Beside: others}, err)
			}
			return err
		}
	}
	if len(d.t.ports) == 0 {
		return nil
	}
	return d.Verification.Greet(ctx, d.t.ports, d.t.expect)
}
