package postfix

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"ucs-harden/internal/durable"
)

// settle gives the temporary file its mode and owner and brings it to disk.
func (p part) settle() error {
	f, err := os.OpenFile(p.temporary, os.O_RDWR|syscall.O_NOFOLLOW, 0)
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	// Who may not give files away (a test) may still keep what is its own.
	if stat := info.Sys().(*syscall.Stat_t); int(stat.Uid) != p.uid || int(stat.Gid) != p.gid {
		if err := f.Chown(p.uid, p.gid); err != nil && (os.Geteuid() == 0 || !errors.Is(err, fs.ErrPermission)) {
			return err
		}
	}
	return errors.Join(f.Chmod(p.mode), f.Sync())
}

// place renames the temporary file to its target, but for a target that has
// become something else than a regular file.
func (p part) place() error {
	if _, err := present(p.target, part{}); err != nil {
		return err
	}
	return os.Rename(p.temporary, p.target)
}

// Install moves both files into their places.
//
// The compiled file goes first: it is all that Postfix reads, so the table
// changes in that one instant, and never looks older than its source, of which
// Postfix would warn. After a crash between the two the new table works while
// the source is still the old one; Install does not undo that, whoever keeps
// before-images does.
func (s *Staged) Install() error {
	parts := []part{s.compiled, s.source}
	if s.compiled.target == s.source.target {
		parts = parts[:1]
	}
	for _, p := range parts {
		if err := p.place(); err != nil {
			return fmt.Errorf("cannot install %s: %w", p.target, err)
		}
	}
	return durable.SyncDir(filepath.Dir(s.source.target))
}

// Discard removes what BuildTable made and Install did not move. It may be
// called at any time and more than once.
func (s *Staged) Discard() error {
	dir, base := filepath.Split(s.source.temporary)
	return removeBeginning(dir, base)
}

// RemoveLeftovers removes the temporary files that a killed BuildTable left
// beside the table at path.
func RemoveLeftovers(path string) error {
	dir, base := filepath.Split(path)
	return removeBeginning(dir, "."+base+tempMark)
}

// building is what Berkeley DB puts in front of the name while it makes a
// database. A postmap that runs out of space or is killed leaves that file.
const building = "__db."

// removeBeginning removes the regular files whose names begin so, finished or
// not.
func removeBeginning(dir, prefix string) error {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("cannot look for leftovers: %w", err)
	}
	var errs []error
	for _, e := range entries {
		if !strings.HasPrefix(strings.TrimPrefix(e.Name(), building), prefix) || !e.Type().IsRegular() {
			continue
		}
		if err := os.Remove(filepath.Join(dir, e.Name())); err != nil && !errors.Is(err, fs.ErrNotExist) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}
