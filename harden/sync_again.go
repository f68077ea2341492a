package harden

import (
	"errors"
	"fmt"
	"time"

	"ucs-harden/outcome"
	"ucs-harden/transaction"
)

// A sync that a change has started, or a timer, does not do again and again what fails and is taken back: each time reloads
// Postfix twice and is a change in the history. It waits firstAgain before it tries the same plan again, and each time twice
// as long, up to lastAgain: the cause may pass without anything that announces it. A plan is another one as soon as the
// registry, the directory, a template or a file has changed. Whoever types "ucs-harden sync" need not wait.
const (
	firstAgain = 25 * time.Minute // less than the timer of a failed sync waits
	lastAgain  = 24 * time.Hour
)

// undone is a plan of a sync that failed and was taken back.
type undone struct {
	Plan string `json:"plan"` // its fingerprint
	// Time is when it was last tried, Tries how often.
	Time  time.Time `json:"time"`
	Tries int       `json:"tries"`
	Error string    `json:"error"`
}

// next is when it may be tried again.
func (u undone) next() time.Time {
	wait := firstAgain
	for range u.Tries - 1 {
		wait = min(2*wait, lastAgain)
	}
	return u.Time.Add(wait)
}

// AgainError says that a sync has not tried again what was taken back before.
type AgainError struct {
	Next time.Time
	Was  string
}

func (e *AgainError) Error() string {
	return fmt.Sprintf("the same change was tried before and taken back, and is tried again at %s, or when something changes: %s",
		e.Next.Local().Format(time.DateTime), e.Was)
}

// tooEarly returns an AgainError if the plan was taken back and it is too early to try it again. A time that lies in the
// future means that somebody has set the clock.
func (s *Server) tooEarly(p *Planned) error {
	was, now := s.syncRecord().Undone, s.Clock()
	if was == nil || was.Plan == "" || was.Plan != p.fingerprint() || now.Before(was.Time) || !now.Before(was.next()) {
		return nil
	}
	return outcome.Unchanged(&AgainError{was.next(), was.Error})
}

// rememberUndone remembers a plan if err says that it was taken back. A failure to write is a warning.
func (s *Server) rememberUndone(p *Planned, err error) {
	if !errors.Is(err, transaction.ErrRolledBack) || outcome.ClassOf(err) != outcome.RolledBack {
		return
	}
	r := s.syncRecord()
	now := undone{Plan: p.fingerprint(), Time: s.Clock(), Tries: 1, Error: err.Error()}
	if was := r.Undone; was != nil && was.Plan == now.Plan {
		now.Tries += was.Tries
	}
	r.Undone = &now
	if err := s.saveSyncRecord(r); err != nil {
		s.Observer.Warning("how the sync ended could not be written down: "+err.Error(), "")
	}
}
