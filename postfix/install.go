package postfix

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"ucs-harden/internal/durable"
)

// settle gives the temporary file its mode and owner, and syncs it.
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
	// A process without the right to change owners (a test) can still write files of its own.
	if stat := info.Sys().(*syscall.Stat_t); int(stat.Uid) != p.uid || int(stat.Gid) != p.gid {
		if err := f.Chown(p.uid, p.gid); err != nil && (os.Geteuid() == 0 || !errors.Is(err, fs.ErrPermission)) {
			return err
		}
	}
	return errors.Join(f.Chmod(p.mode), f.Sync())
}

// place renames the temporary file to its target. It fails when the target is no longer a regular file.
func (p part) place() error {
	if _, err := present(p.target, part{}); err != nil {
		return err
	}
	return os.Rename(p.temporary, p.target)
}

// Install moves both files into their places.
//
// The compiled file goes first. It is all that Postfix reads, so the table changes in that one instant. It is also
// never older than its source, which would be a warning of Postfix. After a crash between the two renames the new
// table works while the source is still the old one. Install does not undo that; the owner of the before-images does.
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

// Discard removes the files that BuildTable made and Install did not move. It may be called at any time, and more than
// once.
func (s *Staged) Discard() error {
	dir, base := filepath.Split(s.source.temporary)
	return removeBeginning(dir, base)
}

// InstallTable builds the table typ:path from content and installs it, see BuildTable and Install. A failure leaves no
// temporary files.
func (p Postfix) InstallTable(ctx context.Context, typ, path string, content []byte) error {
	staged, err := p.BuildTable(ctx, typ, path, content)
	if err != nil {
		return err
	}
	if err := staged.Install(); err != nil {
		_ = staged.Discard() // the failure that counts is the one above
		return err
	}
	return nil
}

// RemoveLeftovers removes the temporary files that a killed BuildTable left beside the table at path.
func RemoveLeftovers(path string) error {
	dir, base := filepath.Split(path)
	return removeBeginning(dir, "."+base+tempMark)
}

// building is what Berkeley DB puts in front of the name of a database that is not finished. A postmap that is killed
// or runs out of space leaves that file.
const building = "__db."

// removeBeginning removes the regular files whose names begin with prefix, finished or not.
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
