package lab

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
)

// Entry is what a snapshot records of one file. Two files with equal entries differ at most in their times.
type Entry struct {
	Type   string // file, dir, link, socket, pipe or device
	Mode   string // octal permission bits, set-id and sticky bits included
	UID    uint32
	GID    uint32
	Target string // of a link
	SHA256 string // of a file's content
}

func (e Entry) String() string {
	text := fmt.Sprintf("%s %s %d:%d", e.Type, e.Mode, e.UID, e.GID)
	if e.Target != "" {
		text += " -> " + e.Target
	}
	if e.SHA256 != "" {
		text += " " + e.SHA256[:12]
	}
	return text
}

// Snapshot is the state of some files and folders, by path on the host.
type Snapshot map[string]Entry

// Snapshot records files and folders of the mail server with everything below them. A path that does not exist has no
// entry.
func (l *Lab) Snapshot(paths ...string) (Snapshot, error) { return l.Mail().Snapshot(paths...) }

// Snapshot records files and folders of the host with everything below them. A file that disappears meanwhile has no
// entry.
func (h *Host) Snapshot(paths ...string) (Snapshot, error) {
	s := Snapshot{}
	for _, path := range paths {
		top := h.Path(path)
		err := filepath.WalkDir(top, func(real string, d fs.DirEntry, err error) error {
			var e Entry
			if err == nil {
				e, err = entry(real)
			}
			if errors.Is(err, fs.ErrNotExist) {
				return nil
			}
			if err == nil {
				s[filepath.Join(path, strings.TrimPrefix(real, top))] = e
			}
			return err
		})
		if err != nil {
			return nil, fmt.Errorf("cannot take a snapshot of %s: %w", path, err)
		}
	}
	return s, nil
}

// Diff lists the differences, one sorted line for each path: "+" is only in other, "-" only in s, "~" in both. Nil
// means that the snapshots are equal.
func (s Snapshot) Diff(other Snapshot) []string {
	var lines []string
	all := maps.Clone(s)
	maps.Copy(all, other)
	for _, path := range slices.Sorted(maps.Keys(all)) {
		before, had := s[path]
		after, has := other[path]
		switch {
		case !had:
			lines = append(lines, fmt.Sprintf("+ %s: %s", path, after))
		case !has:
			lines = append(lines, fmt.Sprintf("- %s: %s", path, before))
		case before != after:
			lines = append(lines, fmt.Sprintf("~ %s: %s → %s", path, before, after))
		}
	}
	return lines
}

// Without returns the snapshot without these paths and everything below them.
func (s Snapshot) Without(paths ...string) Snapshot {
	rest := maps.Clone(s)
	maps.DeleteFunc(rest, func(path string, _ Entry) bool {
		return slices.ContainsFunc(paths, func(drop string) bool {
			return path == drop || strings.HasPrefix(path, strings.TrimSuffix(drop, "/")+"/")
		})
	})
	return rest
}

func entry(path string) (Entry, error) {
	info, err := os.Lstat(path)
	if err != nil {
		return Entry{}, err
	}
	stat := info.Sys().(*syscall.Stat_t)
	e := Entry{Mode: fmt.Sprintf("%04o", stat.Mode&0o7777), UID: stat.Uid, GID: stat.Gid}
	switch info.Mode().Type() {
	case 0:
		e.Type = "file"
		content, err := os.ReadFile(path)
		if err != nil {
			return Entry{}, err
		}
		sum := sha256.Sum256(content)
		e.SHA256 = hex.EncodeToString(sum[:])
	case fs.ModeDir:
		e.Type = "dir"
	case fs.ModeSymlink:
		e.Type = "link"
		e.Target, err = os.Readlink(path)
	case fs.ModeSocket:
		e.Type = "socket"
	case fs.ModeNamedPipe:
		e.Type = "pipe"
	default:
		e.Type = "device"
	}
	return e, err
}
