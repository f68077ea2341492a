package privatepostfix

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"time"
)

// defaultParent is where private folders are made.
const defaultParent = "/run"

// errGone says that a folder was removed before it could be locked.
var errGone = errors.New("the folder is gone")

// Sweep ends the processes and removes the folders in parent ("" is /run) that killed processes left. It leaves those
// of a running process alone.
func Sweep(parent string) error {
	if parent == "" {
		parent = defaultParent
	}
	dirs, err := filepath.Glob(filepath.Join(parent, folderPrefix+"*"))
	if err != nil {
		return fmt.Errorf("cannot look for old rehearsals: %w", err)
	}
	var errs []error
	for _, dir := range dirs {
		lock, err := lockFolder(dir)
		if errors.Is(err, syscall.EWOULDBLOCK) || errors.Is(err, errGone) {
			continue
		}
		if err == nil {
			err = errors.Join(removeInstance(dir), lock.Close())
		}
		errs = append(errs, err)
	}
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("cannot remove an old rehearsal: %w", err)
	}
	return nil
}

// lockFolder locks a folder without waiting. EWOULDBLOCK says that another process has locked it. The lock ends with
// this process.
func lockFolder(dir string) (*os.File, error) {
	f, err := os.OpenFile(dir, os.O_RDONLY|syscall.O_DIRECTORY|syscall.O_NOFOLLOW, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, errGone
	}
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	locked, err := f.Stat()
	if err == nil {
		var there fs.FileInfo
		if there, err = os.Lstat(dir); err == nil && os.SameFile(locked, there) {
			return f, nil
		}
	}
	return nil, errors.Join(errGone, f.Close())
}

// removeInstance kills every process of an instance and removes its folder.
func removeInstance(dir string) error {
	if err := killAll(dir); err != nil {
		return err
	}
	return os.RemoveAll(dir)
}

// killAll kills the processes of an instance until there are none. Each of them, policy services included, has the
// MAIL_CONFIG of the instance in its environment.
func killAll(dir string) error {
	deadline := time.Now().Add(5 * time.Second)
	for {
		pids := processes(dir)
		if len(pids) == 0 {
			return nil
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("cannot end the processes of %s: %v still run", dir, pids)
		}
		for _, pid := range pids {
			_ = syscall.Kill(pid, syscall.SIGKILL) // it may have ended by itself
		}
		time.Sleep(time.Millisecond) // a killed process takes a moment to end
	}
}

// processes are those that were started with the configuration of the instance. Zombies are not among them: they have
// no environment.
func processes(dir string) []int {
	mark := []byte(mailConfig(dir) + "\x00")
	entries, _ := os.ReadDir("/proc")
	var pids []int
	for _, e := range entries {
		pid, err := strconv.Atoi(e.Name())
		if err != nil || pid == os.Getpid() {
			continue
		}
		environ, err := os.ReadFile(filepath.Join("/proc", e.Name(), "environ"))
		if err == nil && (bytes.HasPrefix(environ, mark) || bytes.Contains(environ, append([]byte{0}, mark...))) {
			pids = append(pids, pid)
		}
	}
	return pids
}

// mailConfig tells the programs of Postfix where main.cf is.
func mailConfig(dir string) string { return "MAIL_CONFIG=" + dir + "/etc" }
