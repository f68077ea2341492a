package harden

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"ucs-harden/plan"
	"ucs-harden/transaction"
	"ucs-harden/ucr"
)

// reader reads what a plan is made from, each thing once, and keeps a fingerprint of everything that it hands out. So
// what somebody changes while the facts are being read, is seen when the fingerprints are compared later.
type reader struct {
	server *Server
	state  plan.State
	files  map[string][]byte
}

func newReader(s *Server) *reader {
	return &reader{server: s, state: plan.State{}, files: map[string][]byte{}}
}

// registry reads all layers. The plan depends on the variables of mail and of the directory; templates may read others,
// of which no one outside mail is known to change what Postfix does.
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

// file is the content of a file; nil when there is none. What we rewrite must not be a symbolic link: it would lead
// elsewhere.
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

// private is a file that only root may read. On an archive that somebody else reads it counts as absent.
func (r *reader) private(path string) ([]byte, error) {
	content, err := r.file(path)
	if !r.server.Live() && errors.Is(err, fs.ErrPermission) {
		return nil, nil
	}
	return content, err
}

// answer keeps what the directory said.
func (r *reader) answer(name string, said any) { r.state.Add(name, fmt.Append(nil, said)) }

// stat takes in what can be told of a file without its content, which may hold a password: it changes whenever the file
// does.
func (r *reader) stat(path string) {
	var mark []byte
	if info, err := os.Lstat(r.server.path(path)); err == nil {
		mark = fmt.Appendf(nil, "%s %d %d", info.Mode(), info.Size(), info.ModTime().UnixNano())
	}
	r.state.Add("map "+path, mark)
}

// templates are those of main.cf and master.cf: a change of one changes what UCR renders.
func (r *reader) templates() error {
	for _, file := range []string{"main.cf.d", "master.cf.d"} {
		templates, err := filepath.Glob(r.server.path("/etc/univention/templates/files/etc/postfix/" + file + "/*"))
		if err != nil {
			return fmt.Errorf("cannot list the templates: %w", err)
		}
		for _, t := range templates {
			path := "/" + strings.TrimPrefix(strings.TrimPrefix(t, r.server.path("/")), "/")
			if _, err := r.private(path); err != nil {
				return err
			}
		}
	}
	return nil
}

// read reads a file below the root; nil when there is none.
func (s *Server) read(path string) ([]byte, error) {
	info, err := os.Lstat(s.path(path))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err == nil && !info.Mode().IsRegular() {
		return nil, fmt.Errorf("cannot use %s: %w", path, transaction.ErrNotRegular)
	}
	content, err := os.ReadFile(s.path(path))
	if err != nil {
		return nil, fmt.Errorf("cannot read %s: %w", path, err)
	}
	return append([]byte{}, content...), nil
}
