package harden

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"ucs-harden/controls"
	"ucs-harden/lists"
	"ucs-harden/outcome"
	"ucs-harden/plan"
	"ucs-harden/transaction"
	"ucs-harden/ucr"
)

// Stopped is what became of an account that is stopped at once, or may send again.
type Stopped struct {
	// Lifted: the account may send again. Otherwise it is stopped.
	Lifted bool `json:"lifted"`
	// Logins and Senders are the names by which it is stopped, or was.
	Logins  []string `json:"logins"`
	Senders []string `json:"senders"`
	// Still are the ways in which it can still send, or still cannot, with the answers of Postfix.
	Still []string `json:"still"`
	// Untested is why it could not be tried out, "" if it could.
	Untested string `json:"untested,omitempty"`
	// NotRunning: Postfix is not running, so nobody can send until it starts.
	NotRunning bool `json:"not_running,omitempty"`
	Leftovers
}

// NotStoppedError says that an account was not stopped. It has no Unwrap: the error may say that nothing was changed, which
// is not true of the list.
type NotStoppedError struct {
	Entry lists.Entry
	Err   error
}

func (e *NotStoppedError) Error() string {
	return lists.Shown(e.Entry.About()) + " can STILL send: " + e.Err.Error()
}

// stop brings the accounts that are stopped in every mode up to date, and nothing else. It does not depend on the rest of
// the plan, on the modes, on the directory, or on a change that waits to be confirmed. removed is an entry that was taken
// from the list, or "".
func (s *Server) stop(ctx context.Context, removed string) (done *Applied, err error) {
	for range syncTries {
		done, err = s.stopOnce(ctx, removed)
		again := errors.Is(err, transaction.ErrStale) || errors.Is(err, transaction.ErrConflict)
		if !again || outcome.ClassOf(err) == outcome.Incomplete || ctx.Err() != nil {
			break
		}
	}
	return done, err
}

// stopOnce runs the steps of walk, without the rehearsal and the questions.
func (s *Server) stopOnce(ctx context.Context, removed string) (*Applied, error) {
	const what = "stop the account"
	if err := installed(Programs()...); err != nil {
		return nil, outcome.Unchanged(err)
	}
	f, err := s.facts(ctx, Request{stop: true, removed: removed}, nil)
	if err != nil {
		return nil, outcome.Unchanged(err)
	}
	d, err := desire(f)
	if err != nil {
		return nil, outcome.Unchanged(err)
	}
	p, err := s.plan(ctx, f, d)
	if err != nil {
		return nil, outcome.Unchanged(err)
	}
	if err := blocked(&plan.Plan{Findings: d.Findings}, nil); err != nil {
		return nil, err
	}
	if !p.Changes() {
		return unapplied(p), nil
	}
	if err := s.machine().Preflight(p.Plan); err != nil {
		return nil, err
	}
	release, err := s.lockUrgently(ctx, what)
	if err != nil {
		return nil, err
	}
	defer release()
	if p, err = s.fresh(ctx, p); err != nil {
		return nil, err
	}
	return s.transact(ctx, p, transaction.Options{Urgent: true, Rehearsal: "none: an account was stopped"}, s.verification())
}

// lockWait is how long a stop waits for another ucs-harden to end.
const lockWait = 2 * time.Minute

// lockUrgently takes the lock, and waits for it. It completes or takes back a change that a crash interrupted. A change that
// waits to be confirmed, or cannot be taken back, does not matter.
func (s *Server) lockUrgently(ctx context.Context, what string) (release func(), err error) {
	defer s.Observer.Progress("")
	for end := time.Now().Add(lockWait); ; {
		release, err = transaction.Lock(lockFile)
		if !errors.Is(err, transaction.ErrLocked) || time.Now().After(end) {
			break
		}
		s.Observer.Progress("waiting for another ucs-harden to end")
		select {
		case <-ctx.Done():
			return nil, outcome.Unchanged(ctx.Err())
		case <-time.After(50 * time.Millisecond):
		}
	}
	if err != nil {
		return nil, outcome.Unchanged(fmt.Errorf("cannot %s: %w", what, err))
	}
	for {
		j, err := s.machine().Recover(ctx)
		if err != nil {
			return release, nil
		}
		s.deadline().Clear(ctx, j.ID)
		s.Observer.Recovered(j)
	}
}

// uphold brings the accounts that are stopped up to date after a change was taken back: their checks repeat what stands in
// the restriction lists behind them.
func (s *Server) uphold(ctx context.Context) {
	reg, err := ucr.Load(s.Root)
	if err != nil || len(controls.StoppedEntries(registryOf{reg}, Today())) == 0 {
		return
	}
	if _, err := s.stop(context.WithoutCancel(ctx), ""); err != nil {
		s.Observer.Warning("the accounts that are stopped could not be brought up to date: "+err.Error(), "ucs-harden sync")
	}
}

// finishStop stops the account of an entry that was added, or lets it send again if the entry was removed.
func (s *Server) finishStop(ctx context.Context, c controls.Control, done *ListChange, o ListOptions) error {
	st := &Stopped{Lifted: done.Action == "removed"}
	removed := ""
	if st.Lifted {
		removed = done.Entry.Name
		s.names(st, removed)
	}
	applied, err := s.stop(ctx, removed)
	switch {
	case err != nil && st.Lifted:
		return outcome.As(outcome.ClassOf(err), &NotInEffectError{err})
	case err != nil:
		return outcome.As(outcome.ClassOf(err), &NotStoppedError{done.Entry, err})
	}
	if !st.Lifted {
		s.names(st, done.Entry.Name)
	}
	done.Stopped, done.Stop = st, applied
	done.Findings = c.List.Findings(done.Entry, applied.Plan.Findings)
	s.prove(ctx, st)
	st.NotRunning = applied.Stopped
	if st.Lifted {
		return nil
	}
	s.leftovers(ctx, st, o.HoldQueue)
	for _, f := range applied.Plan.Findings {
		if strings.HasPrefix(f.ID, "not-stopped:") {
			st.Still = append(st.Still, f.Text)
		}
	}
	if len(st.Logins)+len(st.Senders) == 0 {
		st.Still = append(st.Still, "no table has it")
	}
	if len(st.Still) > 0 {
		return &NotStoppedError{done.Entry, errors.New(strings.Join(st.Still, "; "))}
	}
	return nil
}

// names fills in by which names an entry is stopped.
func (s *Server) names(st *Stopped, name string) {
	read := func(path string) []byte {
		content, _ := s.read(path)
		return content
	}
	logins, senders := controls.StoppedNames(read, name)
	st.Logins, st.Senders = list(logins), list(senders)
}
