package harden

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"
)

// The stamps. A file that exists announces a change that no sync has taken up; its content does not matter. Wanted is in
// a folder of root. WantedByListener is in the folder of the Univention Directory Listener, which the user of the
// listener owns. So root only looks at it with lstat(2) and removes it with unlink(2), and never follows or opens it.
// WantedLater starts no sync: a sync leaves it while an apply waits to be confirmed, and the end of that makes it Wanted.
const (
	Wanted           = StateDir + "/sync-wanted"
	WantedLater      = StateDir + "/sync-wanted-later"
	WantedByListener = "/var/lib/univention-directory-listener/ucs-harden-sync-wanted"
)

// stamp is a stamp that exists: its place, and what tells whether it was touched again.
type stamp struct {
	path    string
	touched time.Time
	inode   uint64
}

// stamps are those that exist and start a sync.
func (s *Server) stamps() []stamp { return s.stampsAt(Wanted, WantedByListener) }

func (s *Server) stampsAt(paths ...string) (out []stamp) {
	for _, path := range paths {
		var stat unix.Stat_t
		if err := unix.Lstat(s.path(path), &stat); err == nil {
			out = append(out, stamp{path, time.Unix(stat.Mtim.Unix()), stat.Ino})
		}
	}
	return out
}

// announced is since when a change is announced; nil if none is.
func (s *Server) announced() *time.Time {
	var first *time.Time
	for _, st := range s.stampsAt(Wanted, WantedLater, WantedByListener) {
		if first == nil || st.touched.Before(*first) {
			first = &st.touched
		}
	}
	return first
}

// takeStamps removes the stamps, and reports whether there was one. What is read afterwards is as new as the changes that
// they announced.
func (s *Server) takeStamps() (there bool) {
	for _, path := range []string{Wanted, WantedLater, WantedByListener} {
		switch err := s.removeStamp(path); {
		case err == nil:
			there = true
		case !errors.Is(err, unix.ENOENT) && !errors.Is(err, unix.ENOTDIR):
			s.Observer.Warning(fmt.Sprintf("cannot remove %s, so the sync will be started again and again: %s", path, err),
				"find out what it is and who made it, then remove it")
		}
	}
	return there
}

// removeStamp removes the name of a stamp. A folder in its place is moved aside if it is not empty, because it would start
// one sync after the other.
func (s *Server) removeStamp(path string) error {
	full := s.path(path)
	err := unix.Unlink(full)
	if errors.Is(err, unix.EISDIR) || errors.Is(err, unix.EPERM) {
		if err = unix.Rmdir(full); errors.Is(err, unix.ENOTEMPTY) || errors.Is(err, unix.EEXIST) {
			err = unix.Rename(full, full+"-"+s.Clock().UTC().Format("20060102T150405Z"))
		}
	}
	return err
}

// announce makes the stamp of root, or touches it.
func (s *Server) announce() { s.touch(Wanted) }

// announceLater makes the stamp that the end of a waiting apply makes Wanted.
func (s *Server) announceLater() { s.touch(WantedLater) }

// announceNow announces what a sync has put off.
func (s *Server) announceNow() {
	err := unix.Rename(s.path(WantedLater), s.path(Wanted))
	if err != nil && !errors.Is(err, unix.ENOENT) && !errors.Is(err, unix.ENOTDIR) {
		s.notAnnounced(err)
	}
}

func (s *Server) touch(stamp string) {
	path := s.path(stamp)
	err := os.MkdirAll(filepath.Dir(path), 0o700)
	if err == nil {
		var f *os.File
		if f, err = os.OpenFile(path, os.O_WRONLY|os.O_CREATE|unix.O_NOFOLLOW, 0o600); err == nil {
			now := unix.NsecToTimeval(time.Now().UnixNano()) // as the kernel stamps those of others
			err = errors.Join(unix.Futimes(int(f.Fd()), []unix.Timeval{now, now}), f.Close())
		}
	}
	if err != nil {
		s.notAnnounced(err)
	}
}

func (s *Server) notAnnounced(err error) {
	s.Observer.Warning("cannot announce that a sync is still wanted: "+err.Error(), "run it by hand: ucs-harden sync")
}
