// Package durable makes file names survive a power cut. A file that was created, renamed or removed may lose that
// change in a power cut until its folder is synced too, even when the file itself was synced (fsync(2)).
package durable

import (
	"fmt"
	"os"
)

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
