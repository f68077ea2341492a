// Package durable makes file names survive a power cut. A file that was created, renamed or removed may lose that
// change in a power cut until its folder is synced too, even when the file itself was synced (fsync(2)).
package durable

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/google/renameio/v2"
)

// Replace gives a file this content and mode, atomically and durably: whoever opens it finds the old content or the new one.
// Its folder must exist.
func Replace(path string, content []byte, mode fs.FileMode) error {
	dir := filepath.Dir(path)
	f, err := renameio.NewPendingFile(path, renameio.WithTempDir(dir), renameio.WithStaticPermissions(mode))
	if err != nil {
		return fmt.Errorf("cannot write %s: %w", path, err)
	}
	defer func() { _ = f.Cleanup() }() // does nothing once the file is in place
	if _, err := f.Write(content); err != nil {
		return fmt.Errorf("cannot write %s: %w", path, err)
	}
	if err := f.CloseAtomicallyReplace(); err != nil {
		return fmt.Errorf("cannot write %s: %w", path, err)
	}
	return SyncDir(dir) // renameio does not
}

// SyncDir makes the names in a folder durable. For a folder that does not exist the error is fs.ErrNotExist.
func SyncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return fmt.Errorf("cannot open %s: %w", dir, err)
	}
	defer d.Close()
	if err := d.Sync(); err != nil {
		return fmt.Errorf("cannot sync %s: %w", dir, err)
	}
	return nil
}
