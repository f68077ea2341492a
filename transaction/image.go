package transaction

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"github.com/google/renameio/v2"

	"ucs-harden/internal/durable"
)

// Image is a file before the change. Its content is in the history, its mode and owner are in the manifest.
type Image struct {
	// Stored is the name of the content below history/ID/files.
	Stored string      `json:"stored"`
	SHA256 string      `json:"sha256"`
	Mode   fs.FileMode `json:"mode"`
	UID    int         `json:"uid"`
	GID    int         `json:"gid"`
}

// snapshot is a file on disk; nil content means that there is none.
type snapshot struct {
	content  []byte
	mode     fs.FileMode
	uid, gid int
}

// look reads a file. A symbolic link or anything else that is no regular file is an error: writing must not follow it.
func look(path string) (snapshot, error) {
	info, err := os.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return snapshot{}, nil
	}
	if err != nil {
		return snapshot{}, fmt.Errorf("cannot look at %s: %w", path, err)
	}
	if !info.Mode().IsRegular() {
		return snapshot{}, fmt.Errorf("cannot use %s: %w", path, ErrNotRegular)
	}
	content, err := os.ReadFile(path)
	if err != nil {
		return snapshot{}, fmt.Errorf("cannot read %s: %w", path, err)
	}
	if content == nil {
		content = []byte{}
	}
	s := snapshot{content: content, mode: info.Mode().Perm()}
	if st, ok := info.Sys().(*syscall.Stat_t); ok {
		s.uid, s.gid = int(st.Uid), int(st.Gid)
	}
	return s, nil
}

func (s snapshot) present() bool { return s.content != nil }

func (s snapshot) same(o snapshot) bool {
	return s.present() == o.present() && string(s.content) == string(o.content) &&
		s.mode == o.mode && s.uid == o.uid && s.gid == o.gid
}

// put writes the snapshot to the file, atomically and durably; an absent snapshot removes the file.
func put(path string, s snapshot) error {
	if !s.present() {
		return remove(path)
	}
	beside, mode := renameio.WithTempDir(filepath.Dir(path)), renameio.WithStaticPermissions(s.mode)
	f, err := renameio.NewPendingFile(path, beside, mode)
	if err != nil {
		return fmt.Errorf("cannot write %s: %w", path, err)
	}
	defer func() { _ = f.Cleanup() }() // does nothing once the file is in place
	if _, err := f.Write(s.content); err != nil {
		return fmt.Errorf("cannot write %s: %w", path, err)
	}
	if err := f.Chown(s.uid, s.gid); err != nil {
		return fmt.Errorf("cannot write %s: %w", path, err)
	}
	if err := f.CloseAtomicallyReplace(); err != nil {
		return fmt.Errorf("cannot write %s: %w", path, err)
	}
	return durable.SyncDir(filepath.Dir(path)) // renameio does not
}

func remove(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("cannot remove %s: %w", path, err)
	}
	if err := durable.SyncDir(filepath.Dir(path)); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil // no folder, no file
}

func hash(content []byte) string {
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:])
}
