package privatepostfix

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"ucs-harden/internal/lazyregexp"
	"ucs-harden/maincf"
	"ucs-harden/mastercf"
)

// folder is where everything of one instance lies.
//
//	dir/        0711 root: the user of Postfix reaches the sockets, nobody lists it
//	  etc/      main.cf, master.cf
//	  files/    the stand-ins
//	  queue/    as Postfix wants it, with links to the live sockets in private/
//	  data/
type folder struct {
	dir, etc, files, queue, data, log string
	lock                              *os.File
}

const (
	folderPrefix = "ucs-harden-rehearsal-"
	// longestSocket is a name that a live policy service may well have; with it
	// a path must fit into sockaddr_un, see unix(7).
	longestSocket = "/queue/private/a-policy-service-with-a-long-name"
	maxSocketPath = 107
	// folderTries is how often a Sweep may be faster.
	folderTries = 5
)

// newFolder makes the folder and locks it. The lock is held as long as this
// process lives, which is how Sweep knows the folders of the dead.
func newFolder(parent string) (folder, error) {
	// A Sweep may take a folder for a dead one's in the instant before it is locked: it has locked it, or removed it.
	for range folderTries {
		dir := filepath.Join(parent, folderPrefix+rand.Text()[:16])
		if len(dir)+len(longestSocket) > maxSocketPath {
			return folder{}, fmt.Errorf("cannot use %s: the names of sockets below it would be too long", parent)
		}
		if err := os.Mkdir(dir, 0o711); err != nil {
			return folder{}, err
		}
		lock, err := lockFolder(dir)
		if errors.Is(err, errGone) || errors.Is(err, syscall.EWOULDBLOCK) {
			continue
		}
		if err != nil {
			return folder{}, errors.Join(err, os.Remove(dir))
		}
		f := folder{dir: dir, etc: dir + "/etc", files: dir + "/files", queue: dir + "/queue", data: dir + "/data", log: dir + "/log", lock: lock}
		return f, os.Chmod(dir, 0o711) // whatever the umask
	}
	return folder{}, fmt.Errorf("cannot make a folder in %s: it is removed at once", parent)
}

// owners are the numbers of the users and groups that Postfix works as.
type owners struct{ mail, postdrop int }

// furnish makes what is in the folder of any instance.
func (f folder) furnish(o owners) error {
	type part struct {
		path     string
		mode     fs.FileMode
		uid, gid int
	}
	parts := []part{
		{f.etc, 0o755, 0, 0}, {f.files, 0o711, 0, 0}, {f.queue, 0o755, 0, 0}, {f.data, 0o700, o.mail, 0},
		{f.queue + "/pid", 0o755, 0, 0}, {f.queue + "/public", 0o710, o.mail, o.postdrop}, {f.queue + "/maildrop", 0o730, o.mail, o.postdrop},
	}
	for _, name := range []string{"active", "bounce", "corrupt", "defer", "deferred", "flush", "hold", "incoming", "private", "saved", "trace"} {
		parts = append(parts, part{f.queue + "/" + name, 0o700, o.mail, 0})
	}
	for _, p := range parts {
		if err := errors.Join(os.Mkdir(p.path, 0o700), os.Chown(p.path, p.uid, p.gid), os.Chmod(p.path, p.mode)); err != nil {
			return err
		}
	}
	return nil
}

// blueprint makes the private files from the live ones.
type blueprint struct {
	folder
	main      maincf.File
	master    *mastercf.File
	ours      map[string]bool // the names of settings
	standIns  map[string]string
	liveQueue string
	without   []int
	roles     []role
}

func newBlueprint(f folder, c Config) (*blueprint, error) {
	b := &blueprint{
		folder: f, main: c.Main, master: c.Master,
		ours: map[string]bool{}, standIns: map[string]string{}, liveQueue: c.QueueDirectory, without: c.Without,
	}
	for _, s := range settings(f) {
		b.ours[s.name] = true
	}
	for _, file := range c.Files {
		b.standIns[file.Path] = f.files + "/" + filepath.Base(file.Path)
	}
	b.readRoles()
	if len(b.roles) == 0 {
		return nil, fmt.Errorf("master.cf has no smtpd on any of the ports %v", mastercf.Ports)
	}
	return b, nil
}

// owners looks up who Postfix works as.
func (b *blueprint) owners() (o owners, err error) {
	mail, postdrop := b.main.Value("mail_owner"), b.main.Value("setgid_group")
	if mail == "" {
		mail = "postfix"
	}
	if postdrop == "" {
		postdrop = "postdrop"
	}
	u, err := user.Lookup(mail)
	if err != nil {
		return o, err
	}
	g, err := user.LookupGroup(postdrop)
	if err != nil {
		return o, err
	}
	o.mail, err = strconv.Atoi(u.Uid)
	if err != nil {
		return o, err
	}
	o.postdrop, err = strconv.Atoi(g.Gid)
	return o, err
}

// writeFiles puts the stand-ins into their places; main.cf has to be there.
func (b *blueprint) writeFiles(ctx context.Context, p Programs, files []File) error {
	for _, file := range files {
		private := b.standIns[file.Path]
		if file.Type != "" {
			if err := p.Compile(ctx, b.etc, file.Type, private, file.Content); err != nil {
				return err
			}
			continue
		}
		if err := writeLike(private, file.Path, file.Content); err != nil {
			return err
		}
	}
	return b.backdate(b.files)
}

// writeLike writes a file that may hold a password: with the owner and the mode of the
// live one, but nothing for others; 0440 root:root where there is none.
func writeLike(path, live string, content []byte) error {
	mode, uid, gid := fs.FileMode(0o440), 0, 0
	if info, err := os.Stat(live); err == nil {
		stat := info.Sys().(*syscall.Stat_t)
		mode, uid, gid = info.Mode().Perm()&^0o007, int(stat.Uid), int(stat.Gid)
	}
	if err := os.WriteFile(path, content, 0o400); err != nil {
		return err
	}
	return errors.Join(os.Chown(path, uid, gid), os.Chmod(path, mode))
}

func (b *blueprint) writeConfig(name string, content []byte) error {
	path := filepath.Join(b.etc, name)
	if err := os.WriteFile(path, content, 0o644); err != nil {
		return err
	}
	return b.backdate(b.etc)
}

// backdate makes the files of a folder a minute old: programs of Postfix wait
// until their configuration has been left alone for two seconds.
func (b *blueprint) backdate(dir string) error {
	entries, err := os.ReadDir(dir)
	old := time.Now().Add(-time.Minute)
	for _, e := range entries {
		err = errors.Join(err, os.Chtimes(filepath.Join(dir, e.Name()), old, old))
	}
	return err
}

// A policy service in a value, also in the form { unix:private/x, timeout=3s }.
var unixSocket = lazyregexp.New(`\bunix:([^\s,{}()"']+)`)

// linkSockets links what the live queue directory offers into the private one: the
// SASL server and the policy services that are not run here.
func (b *blueprint) linkSockets() error {
	values := []string{"unix:" + b.main.Value("smtpd_sasl_path")}
	for _, d := range b.main {
		values = append(values, d.Value)
	}
	for _, r := range b.roles {
		for _, o := range r.overrides {
			values = append(values, o.Value)
			if o.Name == "smtpd_sasl_path" {
				values = append(values, "unix:"+o.Value)
			}
		}
	}
	own := map[string]bool{}
	for _, s := range b.ownServices() {
		own["private/"+s.Name], own["public/"+s.Name] = true, true
	}
	for _, m := range unixSocket.FindAllStringSubmatch(strings.Join(values, "\n"), -1) {
		name := m[1]
		live := filepath.Join(b.liveQueue, name)
		if !filepath.IsLocal(name) || own[name] || !isSocket(live) {
			continue
		}
		err := os.Symlink(live, filepath.Join(b.queue, name))
		if err != nil && !errors.Is(err, fs.ErrExist) {
			return err
		}
		own[name] = true
	}
	return nil
}

func isSocket(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().Type() == fs.ModeSocket
}
