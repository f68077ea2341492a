package harden

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"strings"

	"ucs-harden/controls"
	"ucs-harden/ucr"
)

// maps compares the LDAP maps that are wanted with what UCR would render now. Of those that are only ours to remove it
// is enough to know whether they exist.
func (s *Server) maps(ctx context.Context, r *reader, f *facts, wanted []string, known *facts) error {
	f.Maps = map[string]controls.MapFact{}
	for _, path := range f.Ledger.Files {
		_, err := os.Lstat(s.path(path))
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

// sameSoFar reports whether everything that has been read up to now is as it was in other facts.
func (f *facts) sameSoFar(known *facts) bool {
	for name, hash := range f.state {
		if known.state[name] != hash {
			return false
		}
	}
	return true
}

// mapFact looks at one LDAP map. Its content holds a password and goes nowhere.
func (s *Server) mapFact(ctx context.Context, reg *ucr.Registry, path string) (m controls.MapFact, err error) {
	program, target := s.ucr(), strings.TrimPrefix(path, "/")
	m.Registered = program.Registered(target)
	_, missing := os.Lstat(s.path(path))
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
