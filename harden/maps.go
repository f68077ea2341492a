package harden

import (
	"context"
	"errors"
	"io/fs"
	"strings"

	"ucs-harden/controls"
	"ucs-harden/internal/inroot"
	"ucs-harden/ucr"
)

// maps compares the wanted LDAP maps with what UCR would render now. For a map that would only be removed, it only
// checks whether the file exists.
func (s *Server) maps(ctx context.Context, r *reader, f *facts, wanted []string, known *facts) error {
	f.Maps = map[string]controls.MapFact{}
	for _, path := range f.Ledger.Files {
		_, err := inroot.Lstat(s.Root, path)
		f.Maps[path] = controls.MapFact{Present: err == nil}
	}
	for _, path := range wanted {
		r.stat(path)
		if known != nil && f.sameSoFar(known) {
			f.Maps[path] = known.Maps[path]
			continue
		}
		m, err := s.mapFact(ctx, f.registry, path)
		if err != nil {
			return err
		}
		f.Maps[path] = m
	}
	return nil
}

// sameSoFar reports whether everything that has been read up to now has the same fingerprint in other facts.
func (f *facts) sameSoFar(known *facts) bool {
	for name, hash := range f.state {
		if known.state[name] != hash {
			return false
		}
	}
	return true
}

// mapFact looks at one LDAP map. Its content is not stored, because it contains a password.
func (s *Server) mapFact(ctx context.Context, reg *ucr.Registry, path string) (m controls.MapFact, err error) {
	program, target := s.ucr(), strings.TrimPrefix(path, "/")
	m.Registered = program.Registered(target)
	_, missing := inroot.Lstat(s.Root, path)
	m.Present = missing == nil
	now, err := s.read(path)
	if err != nil && (s.Live() || !errors.Is(err, fs.ErrPermission)) {
		return m, err
	}
	switch {
	case now == nil || !m.Registered:
	case !s.Live():
		m.Current = true
	default:
		next, err := program.RenderFile(ctx, reg, target)
		if err != nil {
			return m, err
		}
		m.Current = ucr.SameRendering(now, next)
	}
	return m, nil
}
