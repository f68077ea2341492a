package harden

import (
	"cmp"
	"context"
	"errors"
	"strings"

	"ucs-harden/controls"
	"ucs-harden/findings"
	"ucs-harden/lists"
	"ucs-harden/outcome"
	"ucs-harden/sessions"
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
	return lists.Shown(cmp.Or(e.Entry.About(), e.Entry.Name)) + " can STILL send: " + e.Err.Error()
}

// finishStop stops the account of an entry that was added, or lets it send again if the entry was removed.
func (s *Server) finishStop(ctx context.Context, c controls.Control, done *ListChange, o ListOptions) error {
	st := &Stopped{Lifted: done.Action == "removed", Leftovers: Leftovers{Sessions: []sessions.Session{}}}
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
		if findings.NotStopped.Is(f) {
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
