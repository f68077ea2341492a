package transaction

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"ucs-harden/plan"
	"ucs-harden/restrictions"
)

// keepNeeded keeps files that were not there before a change, although the configuration before names them: the change has
// mended that, and without them the server would not work. It returns the restriction classes of the target.
func (m *Machine) keepNeeded(t *target, classes *string) (*string, error) {
	texts := t.textsAfter()
	for i, f := range t.files {
		if f.restore.present() || f.Kind != plan.Table && f.Kind != plan.Include {
			continue
		}
		now, err := look(m.path(f.Path))
		if err != nil {
			return nil, err
		}
		if !now.present() {
			continue
		}
		needed, err := m.needed(f.File, now, texts)
		if err != nil {
			return nil, err
		}
		if !needed {
			continue
		}
		t.files[i].restore = now
		if f.Compiled != "" {
			if t.files[i].restoreCompiled, err = look(m.path(f.Compiled)); err != nil {
				return nil, err
			}
		}
		if f.Kind == plan.Include {
			text := string(now.content)
			classes = &text
		}
		t.needed = append(t.needed, f.Path)
	}
	return classes, nil
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
