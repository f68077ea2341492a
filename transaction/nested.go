package transaction

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"

	"ucs-harden/internal/durable"
	"ucs-harden/plan"
	"ucs-harden/restrictions"
)

// An urgent change stops an account. It begins even while an apply waits to be confirmed, and over a change that could not
// be taken back. Meanwhile the journal of the other change lies beside its place, and comes back at the end.

// covered is where a journal lies while an urgent change is under way.
func (s Store) covered() string { return s.journal() + ".below" }

// cover puts the journal of another change aside. It reports whether there is one.
func (s Store) cover() (bool, error) {
	err := os.Rename(s.journal(), s.covered())
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("cannot begin beside the change that is under way: %w", err)
	}
	return true, durable.SyncDir(s.Dir)
}

// uncover brings the journal of the other change back when the urgent change has ended, also after a crash.
func (s Store) uncover() error {
	if _, err := os.Lstat(s.journal()); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := os.Rename(s.covered(), s.journal()); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("cannot bring the journal back: %w", err)
	}
	return nil
}

// nested reports whether an urgent change is under way beside another change.
func (s Store) nested() bool {
	_, err := os.Lstat(s.covered())
	return err == nil
}

// begun are the journals of the changes that have not ended: the one in force, and the one below it.
func (s Store) begun() (all []*Journal, err error) {
	// The other journal may come back while this reads: then it is at the first place again.
	for _, path := range []string{s.journal(), s.covered(), s.journal()} {
		if path == s.journal() && len(all) > 0 {
			break
		}
		j, err := readJournal(path)
		if err != nil {
			return all, err
		}
		if j != nil {
			all = append(all, j)
		}
	}
	return all, nil
}

// lasts reports whether a rollback leaves a variable, file or restriction class as it is. Only what is there lasts: what a
// newer change has removed is restored.
func (m *Machine) lasts(name string) bool { return m.Lasting != nil && m.Lasting(name) }

// leaves reports whether taking a change back leaves what lasts. A change that has failed leaves nothing, unless an urgent
// change is newer; and an urgent one leaves nothing, for it is what lasts.
func (m *Machine) leaves(c *Manifest, kind Kind) bool {
	if c.Urgent || kind != Applying {
		return !c.Urgent
	}
	newer, err := m.newer(c)
	return err == nil && slices.ContainsFunc(newer, Record.urgent)
}

// holdsLasting reports whether a change is about something that lasts.
func (m *Machine) holdsLasting(c *Manifest) bool {
	return slices.ContainsFunc(c.Variables, func(v plan.Variable) bool { return m.lasts(v.Key) }) ||
		slices.ContainsFunc(c.Files, func(f File) bool { return m.lasts(f.Path) })
}

// leave takes what lasts out of a target.
func (m *Machine) leave(c *Manifest, t *target) error {
	for key := range t.variables {
		if now := t.registry.value(key); m.lasts(key) && now != nil {
			delete(t.variables, key)
			delete(t.origins, key)
		}
	}
	var err error
	t.files = slices.DeleteFunc(t.files, func(f fileTarget) bool {
		now, failed := look(m.path(f.Path))
		err = errors.Join(err, failed)
		return m.lasts(f.Path) && now.present()
	})
	return err
}

// classesLeft are the classes of a before-image, with those on disk that last in place of its own.
func (m *Machine) classesLeft(path string, before snapshot) (snapshot, error) {
	now, err := look(m.path(path))
	if err != nil {
		return before, err
	}
	there, errNow := restrictions.ParseClasses(now.content)
	then, errThen := restrictions.ParseClasses(before.content)
	if errNow != nil || errThen != nil {
		return before, nil // somebody has edited the file
	}
	there = slices.DeleteFunc(there, func(c restrictions.Class) bool { return !m.lasts(c.Name) })
	left := then.Union(there).Bytes()
	switch {
	case bytes.Equal(left, before.content):
		return before, nil
	case left == nil:
		return snapshot{}, nil
	case !before.present():
		return public(left), nil
	}
	before.content = left
	return before, nil
}

// sum is the hash of a generated file without what lasts.
func (m *Machine) sum(kind plan.Kind, content []byte) string {
	classes, err := restrictions.ParseClasses(content)
	if kind != plan.Include || err != nil {
		return hash(content)
	}
	some := slices.ContainsFunc(classes, func(c restrictions.Class) bool { return m.lasts(c.Name) })
	if !some {
		return hash(content)
	}
	return hash(slices.DeleteFunc(classes, func(c restrictions.Class) bool { return m.lasts(c.Name) }).Bytes())
}
