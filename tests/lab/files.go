package lab

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"
)

// Path is the path by which this machine reaches a file of the host. Symbolic links are followed as on the host
// (/var/run leads to the host's /run), except the last one. Parts of the path that do not exist yet stay unchanged.
func (h *Host) Path(path string) string {
	return h.resolve(path, 0)
}

// Path is [Host.Path] of the mail server.
func (l *Lab) Path(path string) string { return l.Mail().Path(path) }

func (h *Host) resolve(path string, links int) string {
	clean := filepath.Clean("/" + path)
	dir, name := filepath.Split(clean)
	here := h.root
	for part := range strings.SplitSeq(strings.Trim(dir, "/"), "/") {
		here = filepath.Join(here, part)
		target, err := os.Readlink(here)
		if err != nil || links > 40 {
			continue
		}
		if !filepath.IsAbs(target) {
			target = filepath.Join("/", strings.TrimPrefix(filepath.Dir(here), h.root), target)
		}
		// The target of a link may itself be a link: resolve it as a folder.
		here = filepath.Clean(h.resolve(target+"/.x", links+1) + "/..")
	}
	return filepath.Join(here, name)
}

// ReadFile reads a file of the host. It also follows a link at the end of the path.
func (h *Host) ReadFile(path string) ([]byte, error) {
	return os.ReadFile(h.follow(path))
}

// ReadDir reads a folder of the host.
func (h *Host) ReadDir(path string) ([]fs.DirEntry, error) {
	return os.ReadDir(h.follow(path))
}

// WriteFile writes a file of the host as root:root with exactly this mode. It creates missing folders and replaces a
// link.
func (h *Host) WriteFile(path string, content []byte, mode fs.FileMode) error {
	real := h.Path(path)
	if err := os.MkdirAll(filepath.Dir(real), 0o755); err != nil {
		return err
	}
	if err := os.Remove(real); err != nil && !os.IsNotExist(err) {
		return err
	}
	if err := os.WriteFile(real, content, mode); err != nil {
		return err
	}
	return os.Chmod(real, mode)
}

func (h *Host) follow(path string) string {
	return filepath.Clean(h.resolve(path+"/.x", 0) + "/..")
}

// CopyTree copies everything below a folder of this machine to the host's root. Regular files become 0755 or 0644
// root:root, depending on whether they are executable, whatever the umask of the checkout was. Links stay links.
func (h *Host) CopyTree(from string) error {
	return filepath.WalkDir(from, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		to := "/" + strings.TrimPrefix(strings.TrimPrefix(path, from), "/")
		info, err := d.Info()
		if err != nil {
			return err
		}
		if info.Mode()&fs.ModeSymlink != 0 {
			target, err := os.Readlink(path)
			if err != nil {
				return err
			}
			real := h.Path(to)
			_ = os.Remove(real)
			_ = os.MkdirAll(filepath.Dir(real), 0o755)
			return os.Symlink(target, real)
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		mode := fs.FileMode(0o644)
		if info.Mode()&0o100 != 0 {
			mode = 0o755
		}
		return h.WriteFile(to, content, mode)
	})
}

// LimitDisk leaves only this many bytes free on the host's disk (rounded up to pages), to test a full disk. UnlimitDisk
// removes the limit. /tmp, /run and /dev are disks of their own.
func (h *Host) LimitDisk(free int64) error {
	var disk unix.Statfs_t
	if err := unix.Statfs(h.root+"/mnt", &disk); err != nil {
		return fmt.Errorf("cannot measure the disk of host %s: %w", h.Name, err)
	}
	used := (int64(disk.Blocks) - int64(disk.Bfree)) * disk.Bsize
	return h.resizeDisk(used + free)
}

// UnlimitDisk restores the full size of the host's disk.
func (h *Host) UnlimitDisk() error { return h.resizeDisk(diskSize) }

func (h *Host) resizeDisk(size int64) error {
	return h.must(context.Background(), "", "mount", "-o", fmt.Sprintf("remount,size=%d", size), "/mnt")
}
