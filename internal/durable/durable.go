// Package durable brings names to disk: a file that was created, renamed or removed and synced itself may still lose its
// name in a power cut, as long as its folder was not synced (fsync(2)).
package durable

import (
	"fmt"
	"os"
)

// SyncDir makes the names in a folder durable. A folder that is not there is an fs.ErrNotExist.
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
