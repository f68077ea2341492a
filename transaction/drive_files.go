package transaction

import (
	"context"
	"fmt"
	"slices"

	"ucs-harden/plan"
	"ucs-harden/restrictions"
)

// files installs tables, classes and the ledger. The step "remove" takes obsolete files away, when nothing names them.
func (d *driver) files(ctx context.Context) error {
	if err := d.edited(); err != nil {
		return err
	}
	for _, f := range d.t.files {
		switch {
		case f.commit, d.keeps(f):
		case f.Kind == plan.Include:
			if err := d.bridge(f); err != nil {
				return err
			}
		case f.build != nil:
			if err := d.Postfix.InstallTable(ctx, f.Type, d.path(f.Path), f.build); err != nil {
				return err
			}
		case f.restore.present():
			if err := d.restore(f.Compiled, f.restoreCompiled); err != nil {
				return err
			}
			if err := d.restore(f.Path, f.restore); err != nil {
				return err
			}
		}
	}
	return nil
}

// edited looks for tables that someone else has edited meanwhile. They are a conflict on the way forward, and are kept on
// the way back.
func (d *driver) edited() error {
	for _, f := range d.t.files {
		if f.Kind != plan.Table || d.t.forced {
			continue
		}
		now, err := look(d.path(f.Path))
		if err != nil {
			return err
		}
		if now.present() && !f.known(now) {
			d.kept.Files = append(d.kept.Files, f.Path)
		}
	}
	if d.t.back || len(d.kept.Files) == 0 {
		return nil
	}
	return &ConflictError{Files: d.kept.Files, untouched: true}
}

// known reports whether the content is that before or after the change.
func (f *File) known(now snapshot) bool {
	sum := hash(now.content)
	return f.Before != nil && f.Before.SHA256 == sum || f.After == sum
}

func (d *driver) keeps(f fileTarget) bool { return slices.Contains(d.kept.Files, f.Path) }

func (d *driver) restore(path string, want snapshot) error {
	if path == "" || !want.present() {
		return nil
	}
	now, err := look(d.path(path))
	if err != nil || now.same(want) {
		return err
	}
	return put(d.path(path), want)
}

// bridge writes the restriction classes of both states: those on disk and those of the target.
func (d *driver) bridge(f fileTarget) error {
	now, err := look(d.path(f.Path))
	if err != nil || !now.present() {
		if err == nil {
			err = d.restore(f.Path, f.restore)
		}
		return err
	}
	there, err := restrictions.ParseClasses(now.content)
	if err != nil {
		return nil // somebody has edited the file: the step "classes" replaces it
	}
	want, err := restrictions.ParseClasses(f.restore.content)
	if err != nil {
		return err
	}
	now.content = there.Union(want).Bytes()
	return d.restore(f.Path, now)
}

// classes leaves the restriction classes of the target only.
func (d *driver) classes(context.Context) error {
	for _, f := range d.t.files {
		if f.Kind != plan.Include {
			continue
		}
		now, err := look(d.path(f.Path))
		if err != nil {
			return err
		}
		if now.same(f.restore) {
			continue
		}
		d.dirty = true
		if err := put(d.path(f.Path), f.restore); err != nil {
			return err
		}
	}
	return nil
}

// maps lets UCR render the LDAP maps.
func (d *driver) maps(ctx context.Context) error {
	var paths []string
	for _, f := range d.t.files {
		if f.commit {
			paths = append(paths, f.Path)
		}
	}
	if len(paths) == 0 {
		return nil
	}
	if err := d.Registry.Commit(ctx, paths...); err != nil {
		return err
	}
	for _, p := range paths {
		s, err := look(d.path(p))
		if err != nil {
			return err
		}
		if !s.present() || len(s.content) == 0 {
			return fmt.Errorf("cannot render %s: ucr commit said nothing and wrote nothing", p)
		}
		if s.mode&0o007 != 0 {
			return fmt.Errorf("cannot use %s: it holds a password and is world-readable (mode %04o)", p, s.mode)
		}
	}
	return nil
}

// remove removes the files that the target does not have, and the temporary files of an interrupted run.
func (d *driver) remove(context.Context) error {
	for _, f := range d.t.files {
		if f.Kind == plan.Table {
			if err := d.Postfix.RemoveLeftovers(d.path(f.Path)); err != nil {
				return err
			}
		}
		if f.commit || f.build != nil || d.keeps(f) {
			continue
		}
		if !f.restore.present() {
			if err := remove(d.path(f.Path)); err != nil {
				return err
			}
		}
		if f.Compiled != "" && !f.restoreCompiled.present() {
			if err := remove(d.path(f.Compiled)); err != nil {
				return err
			}
		}
	}
	return nil
}
