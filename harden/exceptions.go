package harden

import (
	"context"
	"errors"
	"time"

	"ucs-harden/controls"
	"ucs-harden/evidence"
	"ucs-harden/exceptions"
	"ucs-harden/lists"
	"ucs-harden/maillog"
	"ucs-harden/plan"
)

// ExceptionsSchema is the version of the JSON form of Exceptions. It rises when a name or a meaning changes.
const ExceptionsSchema = 1

// Exceptions are all exceptions from sender-spoofing, those without effect included.
type Exceptions struct {
	Schema int `json:"schema"`
	// Control is the control from which they are exceptions, Mode its mode.
	Control    string      `json:"control"`
	Mode       plan.Mode   `json:"mode"`
	Exceptions []Exception `json:"exceptions"`
	// Since is the beginning of what is known of their use. It is absent if nothing is.
	Since *time.Time `json:"since,omitempty"`
}

// Exception is one of them.
type Exception struct {
	evidence.ExceptionUse
	Expired bool `json:"expired"`
	// Fault says why the exception cannot be used.
	Fault string `json:"fault,omitempty"`
}

// Exceptions reads the exceptions, sorted by name, with their uses as far as these are known.
func (s *Server) Exceptions(ctx context.Context) (*Exceptions, error) {
	c := exceptionControl()
	reg, mode, err := s.listed(c)
	if err != nil {
		return nil, err
	}
	all := &Exceptions{Schema: ExceptionsSchema, Control: c.Name, Mode: mode, Exceptions: []Exception{}}
	uses, since, until := s.uses(ctx)
	if !since.IsZero() {
		all.Since = &since
	}
	day := s.Today()
	for _, e := range exceptions.List.Read(reg) {
		fault := exceptions.List.Fault(e)
		use := exceptionUse(e, uses[e.Name], since, until)
		one := Exception{ExceptionUse: use, Expired: !e.InForce(day), Fault: fault}
		one.InForce = fault == "" && e.InForce(day)
		one.Unused = one.Unused && one.InForce
		all.Exceptions = append(all.Exceptions, one)
	}
	return all, nil
}

// ExceptionUnused is how long an exception in force is not used before it counts as unused.
const ExceptionUnused = 45 * 24 * time.Hour

// exceptionUse is an entry with its use. since and until are the beginning and the end of what is known, the zero time if
// nothing is.
func exceptionUse(e lists.Entry, use evidence.Use, since, until time.Time) evidence.ExceptionUse {
	out := evidence.ExceptionUse{
		Name: e.Name, Client: e.Client, Sender: e.Sender, Reason: e.Reason, Owner: e.Owner, Expires: e.Expires,
	}
	for _, n := range use.Days {
		out.Uses += n
	}
	if !use.Last.IsZero() {
		out.Last = &use.Last
	}
	last := since
	if use.Last.After(last) {
		last = use.Last
	}
	out.Unused = !since.IsZero() && until.Sub(last) >= ExceptionUnused
	return out
}

// exceptionControl is the control that has the list of exceptions.
func exceptionControl() controls.Control {
	for _, c := range controls.All() {
		if c.List == exceptions.List {
			return c
		}
	}
	return controls.Control{}
}

// uses are the uses of exceptions that the mail log shows, by name, and from when until when it shows them. Without a log it
// is what the index has of it. Nothing else is asked of the lines, so that what was read is not kept.
func (s *Server) uses(ctx context.Context) (uses map[string]evidence.Use, since, until time.Time) {
	d, c, _, err := s.digest(ctx, ReadOptions{Discard: true})
	if errors.Is(err, maillog.ErrNoLog) {
		known, _ := s.index().Load() // the index outlives the log
		d, c, err = known.Digest, known.Log.Coverage(), nil
	}
	if err != nil {
		s.Observer.Debug("the mail log is not read", map[string]any{"error": err.Error()})
		i, _ := s.index().Load()
		d, c = i.Digest, i.Log.Coverage()
	}
	uses = map[string]evidence.Use{}
	for name, use := range d.Uses {
		uses[name] = *use
	}
	return uses, c.From, c.To
}
