package transaction

import (
	"errors"
	"fmt"
	"os"
	"os/signal"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// Lock takes the lock of all commands that change something. It does not wait: the error of a second run names the
// process that has the lock. The lock ends with the process, however the process ends; the file stays.
//
// Until release, the keyboard cannot stop the process (Ctrl-Z): a stopped process would leave a change half done, and
// would keep all others out.
func Lock(path string) (release func(), err error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|unix.O_NOFOLLOW, 0o600)
	if err != nil {
		return nil, fmt.Errorf("cannot open the lock: %w", err)
	}
	if err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		defer f.Close()
		if errors.Is(err, unix.EWOULDBLOCK) {
			return nil, fmt.Errorf("%w%s", ErrLocked, holder(f))
		}
		return nil, fmt.Errorf("cannot lock %s: %w", path, err)
	}
	if err := f.Truncate(0); err == nil {
		_, _ = f.WriteAt([]byte(strconv.Itoa(os.Getpid())+"\n"), 0) // for the error of a second run
	}
	goOn := unstoppable()
	return func() {
		_ = f.Close()
		goOn()
	}, nil
}

// unstoppable ignores the signals by which a terminal stops a process, until the returned function is called.
func unstoppable() (stoppable func()) {
	var mine []os.Signal
	for _, s := range []os.Signal{unix.SIGTSTP, unix.SIGTTOU} {
		if !signal.Ignored(s) {
			mine = append(mine, s)
		}
	}
	if mine == nil {
		return func() {}
	}
	signal.Ignore(mine...)
	return func() { signal.Reset(mine...) }
}

// Held tells whether a process has the lock. Held itself takes the lock for a moment; a Lock at that moment fails.
func Held(path string) bool {
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	defer f.Close()
	return errors.Is(unix.Flock(int(f.Fd()), unix.LOCK_SH|unix.LOCK_NB), unix.EWOULDBLOCK)
}

func holder(f *os.File) string {
	var b [16]byte
	n, _ := f.ReadAt(b[:], 0)
	if pid, err := strconv.Atoi(strings.TrimSpace(string(b[:n]))); err == nil {
		return fmt.Sprintf(" (process %d)", pid)
	}
	return ""
}
