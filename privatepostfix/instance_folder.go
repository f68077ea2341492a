package privatepostfix

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// folder is where everything of one instance lies.
//
//	dir/        0710 root and the group of Postfix: other users reach nothing below it
//	  etc/      main.cf, master.cf, the further stage of tables
//	  files/    Config.Files
//	  queue/    what Postfix expects in a queue directory, and links to the live sockets in private/
//	  data/
type folder struct {
	dir, etc, files, queue, data, log string
	// stage is the table of the further stages of tables, see unasked.
	stage string
	lock  *os.File
}

const (
	folderPrefix = "ucs-harden-rehearsal-"
	// longestSocket is as long as the name of a live policy service may well be. A path that ends in it must fit into
	// sockaddr_un, see unix(7).
	longestSocket = "/queue/private/a-policy-service-with-a-long-name"
	maxSocketPath = 107
	// folderTries is how often a Sweep of another process may come between making and locking the folder.
	folderTries = 5
)

// newFolder makes the folder and locks it. The kernel lets go of the lock when this process ends: that is how Sweep
// knows which folders nobody uses any more.
func newFolder(parent string) (folder, error) {
	// Before the folder is locked, a Sweep may take it for a leftover, and lock or remove it.
	for range folderTries {
		dir := filepath.Join(parent, folderPrefix+rand.Text()[:16])
		if len(dir)+len(longestSocket) > maxSocketPath {
			return folder{}, fmt.Errorf("cannot use %s: the names of sockets below it would be too long", parent)
		}
		if err := os.Mkdir(dir, 0o700); err != nil {
			return folder{}, err
		}
		lock, err := lockFolder(dir)
		if errors.Is(err, errGone) || errors.Is(err, syscall.EWOULDBLOCK) {
			continue
		}
		if err != nil {
			return folder{}, errors.Join(err, os.Remove(dir))
		}
		f := folder{
			dir: dir, etc: dir + "/etc", files: dir + "/files", queue: dir + "/queue", data: dir + "/data",
			log: dir + "/log", stage: dir + "/etc/stage", lock: lock,
		}
		return f, nil
	}
	return folder{}, fmt.Errorf("cannot make a folder in %s: another process removes it each time", parent)
}

// owners are the numbers of the user that Postfix works as, of his group, and of the group postdrop.
type owners struct{ mail, group, postdrop int }

// populate makes what is in the folder of any instance, and lets Postfix in.
func (f folder) populate(o owners) error {
	type part struct {
		path     string
		mode     fs.FileMode
		uid, gid int
	}
	parts := []part{
		{f.etc, 0o755, 0, 0}, {f.files, 0o711, 0, 0}, {f.queue, 0o755, 0, 0}, {f.data, 0o700, o.mail, 0},
		{f.queue + "/pid", 0o755, 0, 0},
		{f.queue + "/public", 0o710, o.mail, o.postdrop}, {f.queue + "/maildrop", 0o730, o.mail, o.postdrop},
	}
	queues := "active bounce corrupt defer deferred flush hold incoming private saved trace"
	for name := range strings.FieldsSeq(queues) {
		parts = append(parts, part{f.queue + "/" + name, 0o700, o.mail, 0})
	}
	for _, p := range parts {
		err := errors.Join(os.Mkdir(p.path, 0o700), os.Chown(p.path, p.uid, p.gid), os.Chmod(p.path, p.mode))
		if err != nil {
			return err
		}
	}
	return errors.Join(os.Chown(f.dir, 0, o.group), os.Chmod(f.dir, 0o710)) // whatever the umask
}
