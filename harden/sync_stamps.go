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
const (
	Wanted           = StateDir + "/sync-wanted"
	WantedByListener = "/var/lib/univention-directory-listener/ucs-harden-sync-wanted"
)

// stamp is a stamp that exists: its place, and what tells whether it was touched again.
type stamp struct {
	path    string
	touched time.Time
	inode   uint64
}

// stamps are those that exist.
func (s *Server) stamps() (out []stamp) {
	for _, path := range []string{Wanted, WantedByListener} {
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
	for _, st := range s.stamps() {
		if first == nil || st.touched.Before(*first) {
			first = &st.touched
		}
	}
	return first
}

// takeStamps removes the stamps, and reports whether there was one. What is read afterwards is as new as the changes that
// they announced.
func (s *Server) takeStamps() (there bool) {
	for _, path := range []string{Wanted, WantedByListener} {
		switch err := unix.Unlink(s.path(path)); {
		case err == nil:
			there = true
		case !errors.Is(err, unix.ENOENT) && !errors.Is(err, unix.ENOTDIR):
			s.Observer.Warning(fmt.Sprintf("cannot remove %s, so the sync will be started again and again: %s", path, err),
				"find out what it is and who made it, then remove it")
		}
	}
	return there
}

// announce makes the stamp of root, or touches it.
func (s *Server) announce() {
	path := s.path(Wanted)
	err := os.MkdirAll(filepath.Dir(path), 0o700)
	if err == nil {
		var f *os.File
		if f, err = os.OpenFile(path, os.O_WRONLY|os.O_CREATE|unix.O_NOFOLLOW, 0o600); err == nil {
			now := unix.NsecToTimeval(time.Now().UnixNano()) // as the kernel stamps those of others
			err = errors.Join(unix.Futimes(int(f.Fd()), []unix.Timeval{now, now}), f.Close())
		}
	}
	if err != nil {
		s.Observer.Warning("cannot announce that a sync is still wanted: "+err.Error(), "run it by hand: ucs-harden sync")
	}
}
