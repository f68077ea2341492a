package harden

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"slices"
	"time"

	"ucs-harden/controls"
	"ucs-harden/evidence"
	"ucs-harden/index"
	"ucs-harden/maillog"
	"ucs-harden/plan"
)

// keepsEvidence reports whether the registry has a control on. Nothing of the log is kept while all are off.
func (p *Planned) keepsEvidence() bool {
	states, _, err := controls.Modes(p.facts.Registry, "", false)
	return err != nil || slices.ContainsFunc(states, plan.Control.Active)
}

// keepEvidence is the last step of a sync: it takes what the mail log says into the index, while a control is on whose lines
// are evidence. Whether one is on or not, it forgets what is too old.
func (s *Server) keepEvidence(ctx context.Context, p *Planned) {
	err := s.forgetOld(ctx, p)
	if err == nil && p.keepsEvidence() {
		_, _, err = s.indexed(ctx, ReadOptions{Ours: s.ours(p)})
	}
	switch {
	case err == nil, ctx.Err() != nil:
	case errors.Is(err, maillog.ErrNoLog):
		s.Observer.Debug("there is no evidence", map[string]any{"error": err.Error()})
	default:
		s.Observer.Warning("the evidence in the mail log was not kept: "+err.Error(),
			"when the log is rotated away, ucs-harden report and the next enforce lack these days")
	}
}

// forgetOld forgets what has been kept for too long. While all controls are off, nobody else would.
func (s *Server) forgetOld(ctx context.Context, p *Planned) error {
	store := s.index()
	if _, err := os.Lstat(store.Dir); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	keeping := s.keeping(s.ours(p))
	groups, err := s.ageIndex(ctx, store, p, keeping)
	if err != nil {
		return err
	}
	return s.ageAccepted(ctx, p, groups, keeping.Days)
}

// ageIndex ages the files of the index, and returns the groups that it still has.
func (s *Server) ageIndex(
	ctx context.Context, store index.Store, p *Planned, keeping index.Keeping,
) (map[string]*evidence.Cell, error) {
	release, err := store.Lock(ctx, indexPatience)
	if err != nil {
		return nil, err
	}
	defer release()
	now := s.Clock()
	i, damaged := store.Load()
	err = errors.Join(store.AgeSPF(now, keeping.Addresses), store.AgeReplays(now))
	if p.keepsEvidence() || i.Empty() && damaged == "" {
		return i.Digest.Cells, err // whoever reads the log ages the index
	}
	i.Age(now, keeping)
	if i.Turned < now.AddDate(0, 0, -keeping.Addresses).Format(time.DateOnly) {
		err = errors.Join(err, store.ForgetSent())
	}
	return i.Digest.Cells, errors.Join(err, store.Save(i))
}
