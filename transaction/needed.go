package transaction

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"ucs-harden/maincf"
	"ucs-harden/plan"
	"ucs-harden/restrictions"
)

// keepNeeded keeps files that were not there before a change, although the configuration before names them: the change has
// mended that, and without them the server would not work. It returns the restriction classes of the target. The classes
// come first, because they name tables.
func (m *Machine) keepNeeded(t *target, classes *string) (*string, error) {
	texts := t.textsAfter()
	for i, f := range t.files {
		if f.Kind != plan.Include || f.restore.present() {
			continue
		}
		kept, err := m.keep(t, i, texts)
		if err != nil {
			return nil, err
		}
		if kept {
			text := string(t.files[i].restore.content)
			classes = &text
		}
	}
	if classes != nil {
		texts = append(texts, *classes)
	} else { // the change is not about them, so they are as main.cf has them
		texts = append(texts, m.classesNow()...)
	}
	for i, f := range t.files {
		if f.Kind != plan.Table {
			continue
		}
		if _, err := m.keep(t, i, texts); err != nil {
			return nil, err
		}
	}
	return classes, nil
}

// keep keeps a file if one of the texts needs it. A table that was there, and its compiled file was not, is compiled.
func (m *Machine) keep(t *target, i int, texts []string) (bool, error) {
	f := &t.files[i]
	uncompiled := f.Compiled != "" && f.Compiled != f.Path && !f.restoreCompiled.present()
	now, err := look(m.path(f.Path))
	if err != nil || !now.present() || f.restore.present() && !uncompiled {
		return false, err
	}
	if needed, err := m.needed(f.File, now, texts); err != nil || !needed {
		return false, err
	}
	if f.restore.present() {
		f.build = f.restore.content
		t.needed = append(t.needed, f.Compiled)
		return true, nil
	}
	f.restore = now
	if f.Compiled != "" {
		if f.restoreCompiled, err = look(m.path(f.Compiled)); err != nil {
			return false, err
		}
	}
	t.needed = append(t.needed, f.Path)
	return true, nil
}

// textsAfter are the values of all variables in the state of the target.
func (t *target) textsAfter() []string {
	after, diff := maps.Clone(t.registry), t.difference(t.registry)
	maps.Copy(after, diff.set)
	for _, key := range diff.unset {
		delete(after, key)
	}
	return slices.Collect(maps.Values(after))
}

// classesNow are the restrictions of our classes in main.cf. There are none if it cannot be read: then nothing can be taken
// back anyway.
func (m *Machine) classesNow() (texts []string) {
	now, err := look(m.path(MainCF))
	if err != nil {
		return nil
	}
	main, err := maincf.Parse(now.content)
	if err != nil {
		return nil
	}
	for _, class := range restrictions.ClassesOf(main.Value) {
		texts = append(texts, class.Restrictions...)
	}
	return texts
}

// needed reports whether one of the texts names a file, or what it defines.
func (m *Machine) needed(f File, now snapshot, texts []string) (bool, error) {
	names := []string{":" + f.Path}
	if f.Kind == plan.Include {
		classes, err := restrictions.ParseClasses(now.content)
		if err != nil {
			return false, nil // somebody has edited the file
		}
		names = nil
		for _, class := range classes {
			names = append(names, class.Name)
		}
		tables, err := m.namedTables(filepath.Dir(f.Path), texts)
		if err != nil {
			return false, err
		}
		texts = append(texts, tables...)
	}
	return slices.ContainsFunc(texts, func(text string) bool {
		return slices.ContainsFunc(names, func(name string) bool { return strings.Contains(text, name) })
	}), nil
}

// namedTables are the contents of the tables in a folder that one of the texts names: a table leads into classes.
func (m *Machine) namedTables(folder string, texts []string) ([]string, error) {
	entries, err := os.ReadDir(m.path(folder))
	if err != nil {
		return nil, fmt.Errorf("cannot look into %s: %w", folder, err)
	}
	var out []string
	for _, e := range entries {
		path := filepath.Join(folder, e.Name())
		if !slices.ContainsFunc(texts, func(text string) bool { return strings.Contains(text, ":"+path) }) {
			continue
		}
		table, err := look(m.path(path))
		if err != nil {
			return nil, err
		}
		out = append(out, string(table.content))
	}
	return out, nil
}
