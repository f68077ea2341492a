package transaction

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// What the history keeps of changes that were taken back, and of urgent ones. Any other change in effect stays for ever: a
// rollback needs it.
const (
	keepFor   = 365 * 24 * time.Hour
	keepCount = 100
	keepBytes = 64 << 20
)

// prune removes the oldest of these changes, and the backups of changes that never began. An error does not
// matter: the next change prunes again.
func (s Store) prune(now time.Time) {
	begun, err := s.begun()
	if err != nil {
		return
	}
	underWay := about(begun)
	all, err := s.records(func(id string) bool { return !underWay(id) })
	if err != nil {
		return
	}
	count, size := 0, int64(0)
	for _, r := range slices.Backward(all) {
		if r.InEffect() && !r.urgent() || r.Damaged != nil {
			continue
		}
		count++
		size += s.size(r.ID)
		old := !r.Ended.IsZero() && now.Sub(r.Ended) > keepFor
		if old || count > keepCount || size > keepBytes || r.State == Unfinished {
			s.drop(r.ID)
		}
	}
}

// drop removes a change. It is no change any more as soon as it has another name, so a crash leaves no half of one.
func (s Store) drop(id string) {
	const suffix = ".removed"
	if err := os.Rename(s.history(id), s.history(id)+suffix); err == nil {
		_ = os.RemoveAll(s.history(id) + suffix)
	}
}

// size is the size of a backup.
func (s Store) size(id string) (size int64) {
	_ = filepath.WalkDir(s.history(id), func(_ string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if info, err := d.Info(); err == nil && info.Mode().IsRegular() {
			size += info.Size()
		}
		return nil
	})
	return size
}
