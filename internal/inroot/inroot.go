// Package inroot reads files below a folder, such as an archive of a server, and nothing outside of it: a symbolic link
// that leads out is an error. It reads regular files only, so that a named pipe in the archive holds nobody up.
package inroot

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/sys/unix"
)

// ErrNotRegular says that there is something else than a regular file.
var ErrNotRegular = errors.New("it is not a regular file")

// Live reports whether a root is this machine, on which links lead where they lead.
func Live(root string) bool { return root == "" || root == "/" }

// ReadFile reads a file below the root; path begins with a slash or not.
func ReadFile(root, path string) ([]byte, error) {
	f, err := open(root, path)
	if err != nil {
		return nil, err
	}
	return readRegular(f)
}

// readRegular reads and closes a file.
func readRegular(f *os.File) ([]byte, error) {
	defer f.Close()
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = &fs.PathError{Op: "read", Path: f.Name(), Err: ErrNotRegular}
	}
	if err != nil {
		return nil, err
	}
	return io.ReadAll(f)
}

// open opens without waiting for the other end of a named pipe.
func open(root, path string) (*os.File, error) {
	const flags = os.O_RDONLY | unix.O_NONBLOCK
	if Live(root) {
		return os.OpenFile(filepath.Join("/", path), flags, 0)
	}
	r, err := os.OpenRoot(root)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return r.OpenFile(local(path), flags, 0)
}

// Stat follows links as ReadFile does. Lstat does not follow the last one.
func Stat(root, path string) (fs.FileInfo, error) { return stat(root, path, os.Stat, (*os.Root).Stat) }

// Lstat tells of a file or a link below the root.
func Lstat(root, path string) (fs.FileInfo, error) {
	return stat(root, path, os.Lstat, (*os.Root).Lstat)
}

func stat(
	root, path string, live func(string) (fs.FileInfo, error), below func(*os.Root, string) (fs.FileInfo, error),
) (fs.FileInfo, error) {
	if Live(root) {
		return live(filepath.Join("/", path))
	}
	r, err := os.OpenRoot(root)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return below(r, local(path))
}

// Names are the sorted names in a folder below the root.
func Names(root, path string) ([]string, error) {
	f, err := open(root, path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	entries, err := f.ReadDir(-1)
	if err != nil {
		return nil, err
	}
	names := make([]string, len(entries))
	for i, e := range entries {
		names[i] = e.Name()
	}
	slices.Sort(names)
	return names, nil
}

// ReadPlain reads a regular file in a folder of ours, where nothing is a link.
func ReadPlain(path string) ([]byte, error) {
	f, err := os.OpenFile(path, os.O_RDONLY|unix.O_NONBLOCK|unix.O_NOFOLLOW, 0)
	if errors.Is(err, unix.ELOOP) {
		return nil, &fs.PathError{Op: "read", Path: path, Err: ErrNotRegular}
	}
	if err != nil {
		return nil, err
	}
	return readRegular(f)
}

// local is the path inside of a root.
func local(path string) string {
	if path = strings.Trim(filepath.Clean("/"+path), "/"); path != "" {
		return path
	}
	return "."
}
