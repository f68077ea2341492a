// Package writable tells before a change whether files can be written later. Root may write whatever the permissions
// say, so it looks at what stops root as well: read-only file systems, mount points, and the attributes of chattr(1).
package writable

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// Error says why a file cannot be written.
type Error struct {
	Path string
	Why  string
	Err  error // may be nil
}

func (e *Error) Error() string {
	if e.Err != nil {
		return fmt.Sprintf("cannot write %s: %s", e.Path, e.Err)
	}
	return fmt.Sprintf("cannot write %s: it is %s", e.Path, e.Why)
}

func (e *Error) Unwrap() error { return e.Err }

// Replace reports whether a new file can take the place of the file, by a rename in its folder. The file need not exist,
// nor need the last folders of its path.
func Replace(path string) error {
	if err := attributes(path, unix.STATX_ATTR_IMMUTABLE, unix.STATX_ATTR_APPEND, unix.STATX_ATTR_MOUNT_ROOT); err != nil {
		return err
	}
	folder := filepath.Dir(path)
	for {
		err := attributes(folder, unix.STATX_ATTR_IMMUTABLE, unix.STATX_ATTR_APPEND)
		if err == nil {
			err = access(folder)
		}
		if up := filepath.Dir(folder); errors.Is(err, fs.ErrNotExist) && up != folder {
			folder = up
			continue
		}
		return err
	}
}

// Append reports whether text can be appended to the file. If there is none, its folder must exist, so that it can be
// created.
func Append(path string) error {
	err := attributes(path, unix.STATX_ATTR_IMMUTABLE)
	if err == nil {
		err = access(path)
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	folder := filepath.Dir(path)
	if err := attributes(folder, unix.STATX_ATTR_IMMUTABLE); err != nil {
		return err
	}
	return access(folder)
}

var names = map[uint64]string{
	unix.STATX_ATTR_IMMUTABLE:  "immutable (chattr +i)",
	unix.STATX_ATTR_APPEND:     "append-only (chattr +a)",
	unix.STATX_ATTR_MOUNT_ROOT: "a mount point, which cannot be replaced",
}

// attributes returns an error if the file has one of the attributes. A file that does not exist has none.
func attributes(path string, forbidden ...uint64) error {
	var stat unix.Statx_t
	err := unix.Statx(unix.AT_FDCWD, path, unix.AT_SYMLINK_NOFOLLOW, unix.STATX_TYPE, &stat)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return &Error{Path: path, Err: err}
	}
	for _, attribute := range forbidden {
		if stat.Attributes&attribute != 0 {
			return &Error{Path: path, Why: names[attribute]}
		}
	}
	return nil
}

// access asks the kernel, which knows whether the file system is read-only.
func access(path string) error {
	if err := unix.Faccessat(unix.AT_FDCWD, path, unix.W_OK, 0); err != nil {
		return &Error{Path: path, Err: err}
	}
	return nil
}

// Reserve takes disk space by a file of this size. Removing the file gives it back. Without the space there is no file.
func Reserve(path string, size int64) (err error) {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC|unix.O_NOFOLLOW, 0o600)
	if err != nil {
		return fmt.Errorf("cannot reserve disk space: %w", err)
	}
	defer func() {
		if err = errors.Join(err, f.Close()); err != nil {
			_ = os.Remove(path)
			err = fmt.Errorf("cannot reserve disk space: %w", err)
		}
	}()
	err = unix.Fallocate(int(f.Fd()), 0, 0, size)
	if errors.Is(err, unix.EOPNOTSUPP) { // such as on an old file system
		_, err = f.Write(make([]byte, size))
	}
	if err != nil {
		return err
	}
	return f.Sync()
}
