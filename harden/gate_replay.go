package harden

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"time"

	"ucs-harden/evidence"
	"ucs-harden/plan"
)

// wantsReplay reports whether a target comes to enforce before warn has stood long enough.
func wantsReplay(q evidence.Question, t evidence.Target) bool {
	enough := time.Duration(q.MinDays * float64(24*time.Hour))
	return t.Gated && t.Changes && (t.Since.IsZero() || q.Log.Covered(t.Since, q.Now) < enough)
}

// replayInto asks for a replay. remembered: what a replay of the same plan has said lately will do, and known reports whether
// there was one. A log may be long, and the plan of a control that is held in warn is the same for days.
func (s *Server) replayInto(
	ctx context.Context, p *Planned, a *gateAnswer, q *evidence.Question, remembered, look bool,
) (known bool, err error) {
	of := p.fingerprint()
	if remembered && of != "" {
		if a.replayed = s.index().Replay(of, s.Clock()); a.replayed != nil {
			return true, nil
		}
	}
	a.replayed, err = s.evidence().Replayed(ctx, p, look)
	if err == nil {
		s.keepReplay(ctx, p, of, a.replayed, look)
		return false, nil
	}
	if ctx.Err() != nil {
		return false, err
	}
	a.replayed, q.NoReplay = nil, whyNone(err)
	return false, nil
}

// keepReplay keeps what a replay has said. A command that only looks keeps it when the log was long.
func (s *Server) keepReplay(ctx context.Context, p *Planned, of string, r *evidence.Report, look bool) {
	short := look && r.Coverage.Bytes <= muchUnread
	if of == "" || short || !p.keepsEvidence() || !s.Live() && s.Logs == nil {
		return
	}
	release, err := s.index().Lock(ctx, 0)
	if err == nil {
		err = s.index().SaveReplay(of, r, s.Clock())
		release()
	}
	if err != nil {
		s.Observer.Debug("what the replay has said is not kept", map[string]any{"error": err.Error()})
	}
}

// fingerprint tells a plan from others: by what it was made from, by what it changes, and by its modes.
func (p *Planned) fingerprint() string {
	text, err := json.Marshal([]any{p.State, p.Mode, plan.Modes(p.Controls), p.Variables, p.Files, p.Rendered})
	if err != nil {
		return "" // nothing is remembered of it
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}
