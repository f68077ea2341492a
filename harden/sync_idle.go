package harden

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"slices"

	"ucs-harden/controls"
	"ucs-harden/internal/inroot"
	"ucs-harden/ledger"
	"ucs-harden/plan"
	"ucs-harden/ucr"
)

// idle ends a sync at once if every control is off and nothing on the server is ours. It returns nil if there may be
// something to do. It reads the registry and, on a server without a ledger, our folder; it runs no program and asks nobody.
// Only what an earlier time has left behind is aged: what was kept of the mail log, and the record of a sync that failed.
func (s *Server) idle(ctx context.Context) *Applied {
	if !s.nothingOurs() {
		return nil
	}
	if last := s.syncRecord().Last; last != nil && last.Result != SyncUnchanged {
		s.note(&Applied{}, nil, SyncOptions{})
	}
	if _, err := os.Lstat(s.index().Dir); !errors.Is(err, fs.ErrNotExist) {
		if p, err := s.withoutDirectory(ctx); err == nil {
			s.keepEvidence(ctx, p)
		}
	}
	return &Applied{Mode: plan.Off}
}

// nothingOurs reports whether every control is off, in the registry and on the server.
func (s *Server) nothingOurs() bool {
	if journal, err := s.store().Journal(); err != nil || journal != nil {
		return false
	}
	loaded, err := ucr.Load(s.Root)
	if err != nil {
		return false
	}
	reg := registryOf{loaded}
	states, _, err := controls.Modes(reg, "", false)
	if err != nil || slices.ContainsFunc(states, plan.Control.Active) ||
		len(controls.StoppedEntries(reg, s.Today())) > 0 {
		return false
	}
	content, err := inroot.ReadFile(s.Root, ledgerFile)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		disk, err := s.disk(newReader(s), ledger.Ledger{})
		return err == nil && controls.Marks.Ledger(reg, disk).Bytes() == nil
	case err != nil:
		return false
	}
	ours, err := ledger.Parse(content)
	return err == nil && ours.Bytes() == nil
}
