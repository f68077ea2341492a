package harden

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"

	"ucs-harden/internal/inroot"
	"ucs-harden/plan"
	"ucs-harden/transaction"
	"ucs-harden/ucr"
)

// reader reads the facts of a plan. It reads each fact once, and keeps a fingerprint of everything that it hands out.
// If something is changed while the facts are being read, a later comparison of the fingerprints notices it.
type reader struct {
	server *Server
	state  plan.State
	files  map[string][]byte
}

func newReader(s *Server) *reader {
	return &reader{server: s, state: plan.State{}, files: map[string][]byte{}}
}

// registry reads all layers. It takes fingerprints of the variables that the plan depends on: those of mail, LDAP and
// the host name. Templates may read other variables, but none of them is known to change what Postfix does.
func (r *reader) registry() (*ucr.Registry, error) {
	reg, err := ucr.Load(r.server.Root)
	if err != nil {
		return nil, err
	}
	for _, prefix := range []string{"mail/", "ldap/", "hostname", "domainname"} {
		for _, v := range reg.Prefix(prefix) {
			var all bytes.Buffer
			for _, value := range reg.Lookup(v.Key) {
				fmt.Fprintf(&all, "%s %s\n", value.Layer, value.Text)
			}
			r.state.Add("variable "+v.Key, all.Bytes())
		}
	}
	return reg, nil
}

// file returns the content of a file, or nil if there is none. The file must not be a symbolic link, because writing it
// would write another file.
func (r *reader) file(path string) ([]byte, error) {
	if content, known := r.files[path]; known {
		return content, nil
	}
	content, err := r.server.read(path)
	if err != nil {
		return nil, err
	}
	r.files[path] = content
	r.state.Add("file "+path, content)
	return content, nil
}

// private returns the content of a file that only root may read. On an archive, a file that this user may not read
// counts as absent.
func (r *reader) private(path string) ([]byte, error) {
	content, err := r.file(path)
	if !r.server.Live() && errors.Is(err, fs.ErrPermission) {
		return nil, nil
	}
	return content, err
}

// answer takes a fingerprint of an answer of the directory.
func (r *reader) answer(name string, said any) { r.state.Add(name, fmt.Append(nil, said)) }

// stat takes a fingerprint of a file's mode, size and modification time. It does not read the content, which may
// contain a password. The modification time changes whenever the file does.
func (r *reader) stat(path string) {
	var mark []byte
	if info, err := inroot.Lstat(r.server.Root, path); err == nil {
		mark = fmt.Appendf(nil, "%s %d %d", info.Mode(), info.Size(), info.ModTime().UnixNano())
	}
	r.state.Add("map "+path, mark)
}

// templates takes fingerprints of the templates of main.cf and master.cf: a changed template changes what UCR renders.
func (r *reader) templates() error {
	for _, file := range []string{"main.cf.d", "master.cf.d"} {
		folder := "/etc/univention/templates/files/etc/postfix/" + file
		names, err := inroot.Names(r.server.Root, folder)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("cannot list the templates: %w", err)
		}
		for _, name := range names {
			if _, err := r.private(folder + "/" + name); err != nil {
				return err
			}
		}
	}
	return nil
}

// read reads a file below the root. It returns nil if there is none.
func (s *Server) read(path string) ([]byte, error) {
	info, err := inroot.Lstat(s.Root, path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err == nil && !info.Mode().IsRegular() {
		return nil, fmt.Errorf("cannot use %s: %w", path, transaction.ErrNotRegular)
	}
	content, err := inroot.ReadFile(s.Root, path)
	if err != nil {
		return nil, fmt.Errorf("cannot read %s: %w", path, err)
	}
	return append([]byte{}, content...), nil
}
