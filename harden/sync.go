package harden

import (
	"context"
	"errors"
	"slices"
	"strings"

	"ucs-harden/controls"
	"ucs-harden/outcome"
	"ucs-harden/plan"
	"ucs-harden/transaction"
)

// SyncOptions are the options of Sync.
type SyncOptions struct {
	// Settle: a change has started the sync. It waits until the burst of changes is over, and for another ucs-harden.
	Settle bool
	// Resume ends the pause after a rollback.
	Resume bool
	// NoEvidence does not ask whether the mail log shows that enforcing is safe.
	NoEvidence bool
	// Rehearsed is called with the result of the rehearsal; it may be nil.
	Rehearsed func(*Rehearsal) error
	// Judge gives the exit status and the hint of an error, for the record of the syncs; it may be nil.
	Judge func(error) (exit int, hint string)
}

// Sync brings the server to what the registry and the directory say now, without questions:
//
//  1. With Settle, Sync waits until no more changes are announced, and then for the lock. It removes the stamps before it
//     reads anything, so that a change after that has a stamp of its own. If Sync gives up because of another ucs-harden,
//     or is interrupted, it announces the changes again. While an apply waits to be confirmed, nothing happens:
//     Applied.Waiting says so, and the end of the apply announces the changes again.
//  2. While every control is off and nothing on the server is ours, nothing happens, and nothing is written.
//  3. After a rollback by a person, nothing happens until the next apply or Resume. Applied.Paused says so.
//  4. The rest is the line of Apply. It plans anew if someone else changes the server meanwhile. What cannot be done does
//     not keep the rest from being done: a control for which the gate refuses enforce stays in warn (Applied.Held), an
//     entry that cannot be used is left out (Applied.Skipped), and a control that cannot be planned stays as it runs
//     (Applied.Kept).
//  5. Sync takes what the mail log says into the index, because the log will be gone some day, and writes down how it
//     ended. A sync that fails has changed nothing, and the next one begins anew.
func (s *Server) Sync(ctx context.Context, o SyncOptions) (done *Applied, err error) {
	if o.Settle {
		if err := s.settle(ctx); err != nil {
			return nil, outcome.Unchanged(err)
		}
	}
	announced := s.takeStamps()
	if done = s.idle(ctx); done != nil {
		return done, nil
	}
	defer func() {
		if o.Settle {
			if later := s.postpone(err); later != nil {
				done, err = later, nil
				return
			}
		}
		again := err != nil && (ctx.Err() != nil || busy(err))
		switch {
		case again && (announced || o.Settle):
			s.announce()
		case !again:
			s.note(done, err, o)
		}
	}()
	tidy := func() error { return s.tidy(ctx, "sync") }
	if o.Settle {
		tidy = func() error { return s.tidyPatiently(ctx) }
	}
	if err := tidy(); err != nil {
		return nil, err
	}
	if o.Resume {
		if err := s.resume(); err != nil {
			return nil, outcome.Unchanged(err)
		}
	}
	announced = s.takeStamps() || announced
	pause, err := s.Paused()
	if err != nil {
		return nil, outcome.Unchanged(err)
	}
	if pause != nil {
		return &Applied{Paused: pause}, nil
	}
	return s.sync(ctx, o)
}

// busy reports whether a sync has failed only because something else was under way, so that it is worth another try.
func busy(err error) bool {
	for _, other := range []error{
		transaction.ErrLocked, transaction.ErrWaiting, transaction.ErrStale, transaction.ErrConflict,
	} {
		if errors.Is(err, other) {
			return outcome.ClassOf(err) != outcome.Incomplete
		}
	}
	return false
}

// syncTries is how often a sync plans anew because someone else has changed the server meanwhile.
const syncTries = 3

func (s *Server) sync(ctx context.Context, o SyncOptions) (*Applied, error) {
	before, err := s.findingsAccepted()
	if err != nil {
		return nil, outcome.Unchanged(err)
	}
	done, err := planAnew(ctx, func() (*Applied, error) {
		return s.walk(ctx, "sync", ApplyOptions{
			Request: Request{sync: true, accepted: before}, Rehearsed: o.Rehearsed, NoEvidence: o.NoEvidence, before: before,
			patient: o.Settle,
		})
	})
	if err == nil {
		s.keepEvidence(ctx, done.Plan)
	}
	return done, err
}

// planAnew plans and applies, and does so again if someone else has changed the server meanwhile.
func planAnew(ctx context.Context, once func() (*Applied, error)) (done *Applied, err error) {
	for range syncTries {
		done, err = once()
		again := errors.Is(err, transaction.ErrStale) || errors.Is(err, transaction.ErrConflict)
		if !again || outcome.ClassOf(err) == outcome.Incomplete || ctx.Err() != nil {
			break
		}
	}
	return done, err
}

// KeptError says that a sync has left controls as they run, and has done the rest.
type KeptError struct{ Findings []plan.Finding }

func (e *KeptError) Error() string {
	return "not everything is as the registry wants it, but the rest is: " + textsOf(e.Findings)
}

// staysAsItRuns is the error about a control that a sync has left as it runs, nil if it has not.
func (a *Applied) staysAsItRuns(control string) error {
	about := slices.DeleteFunc(slices.Clone(a.Kept), func(f plan.Finding) bool { return f.Control != control })
	if len(about) == 0 {
		return nil
	}
	return outcome.Advise(errors.New(textsOf(about)), about[0].Hint)
}

// textsOf are the first lines of findings. Controls that stay as they run often do so for the same cause, which is said once.
func textsOf(found []plan.Finding) string {
	var texts []string
	said := map[string]bool{}
	for _, f := range found {
		text, _, _ := strings.Cut(f.Text, "\n")
		head, cause, _ := strings.Cut(strings.TrimSuffix(text, ":"), controls.UntilMended)
		switch {
		case cause == "":
		case said[cause]:
			head += ", too"
		default:
			said[cause] = true
			head += controls.UntilMended + cause
		}
		texts = append(texts, head)
	}
	return strings.Join(texts, "; ")
}

// Shortfall is the error about what a sync has not done although it has done the rest: controls that stay as they run, or
// in warn for lack of evidence. It is nil if there is none. An entry that was left out is none.
func (a *Applied) Shortfall() error {
	if len(a.Kept) > 0 {
		return &KeptError{a.Kept}
	}
	return a.Held
}
