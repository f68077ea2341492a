package privatepostfix

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
	"time"

	"ucs-harden/maincf"
	"ucs-harden/mastercf"
)

// builder makes the files of an instance from those of the live Postfix.
type builder struct {
	folder
	main      maincf.File
	master    *mastercf.File
	ours      map[string]bool   // the parameters in settings
	replaced  map[string]string // the paths of Config.Files, and where the files are here
	liveQueue string
	without   []int
	services  []service
	unasked   *unasked
	lists     map[string]string // the restriction lists and classes of main.cf, rewritten
}

func newBuilder(f folder, c Config) (*builder, error) {
	b := &builder{
		folder: f, main: c.Main, master: c.Master,
		ours: map[string]bool{}, replaced: map[string]string{}, liveQueue: c.QueueDirectory, without: c.Without,
		unasked: newUnasked(f.stage),
	}
	for _, s := range settings(f) {
		b.ours[s.name] = true
	}
	for _, file := range c.Files {
		b.replaced[file.Path] = f.files + "/" + filepath.Base(file.Path)
	}
	var err error
	if b.lists, err = b.listsOf(b.main); err != nil {
		return nil, err
	}
	if err := b.readServices(); err != nil {
		return nil, err
	}
	if len(b.services) == 0 {
		return nil, errors.New("master.cf has no smtpd that a client can reach")
	}
	return b, nil
}

// owners looks up the user and the groups that Postfix works as.
func (b *builder) owners() (o owners, err error) {
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
	o.group, err = strconv.Atoi(u.Gid)
	if err != nil {
		return o, err
	}
	o.postdrop, err = strconv.Atoi(g.Gid)
	return o, err
}

// writeFiles writes Config.Files; the private main.cf has to exist.
func (b *builder) writeFiles(ctx context.Context, p Programs, files []File) error {
	for _, file := range files {
		private := b.replaced[file.Path]
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

// writeLike writes a file that may contain a password. Owner and mode are those of the live file, without rights for
// others, or 0440 root:root when there is no live file.
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

func (b *builder) writeConfig(name string, content []byte) error {
	path := filepath.Join(b.etc, name)
	if err := os.WriteFile(path, content, 0o644); err != nil {
		return err
	}
	return b.backdate(b.etc)
}

// backdate makes the files of a folder a minute old: the programs of Postfix wait until their configuration files are
// two seconds old.
func (b *builder) backdate(dir string) error {
	entries, err := os.ReadDir(dir)
	old := time.Now().Add(-time.Minute)
	for _, e := range entries {
		err = errors.Join(err, os.Chtimes(filepath.Join(dir, e.Name()), old, old))
	}
	return err
}
