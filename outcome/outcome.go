// Package outcome holds what an error says besides its text: how the run ended, whether anything was changed, and what
// the administrator can do. This information travels with the error; the command line turns it into an exit status, a
// clause and a hint.
package outcome

import "errors"

// Class says how a run with an error ended.
type Class int

const (
	// Failed: the error has no class of its own.
	Failed Class = iota
	// Usage: the request makes no sense.
	Usage
	// Locked: another run holds the lock.
	Locked
	// RolledBack: a step or the verification failed, and the old state is restored.
	RolledBack
	// Incomplete: restoring the old state failed as well.
	Incomplete
	// NoEvidence: the log does not show that enforcing refuses no mail that should come in.
	NoEvidence
)

// New makes an error of a class. Compare it with errors.Is.
func New(c Class, text string) error { return &classified{errors.New(text), c} }

// As gives an error a class.
func As(c Class, err error) error {
	if err == nil {
		return nil
	}
	return &classified{err, c}
}

// ClassOf is the class of the first error in the chain of err that has a class.
func ClassOf(err error) Class {
	var c *classified
	if errors.As(err, &c) {
		return c.class
	}
	return Failed
}

type classified struct {
	error
	class Class
}

func (c *classified) Unwrap() error { return c.error }

// Unchanged marks an error that occurred before the first change.
func Unchanged(err error) error {
	if err == nil || IsUnchanged(err) {
		return err
	}
	return &unchanged{err}
}

// IsUnchanged reports whether nothing was changed. An error inside a RolledBack or Incomplete error may carry the mark,
// because it was marked before the change began; the mark no longer counts then.
func IsUnchanged(err error) bool {
	if c := ClassOf(err); c == RolledBack || c == Incomplete {
		return false
	}
	var u *unchanged
	return errors.As(err, &u)
}

type unchanged struct{ error }

func (u *unchanged) Unwrap() error { return u.error }

// Advise adds what the administrator can do.
func Advise(err error, hint string) error {
	if err == nil {
		return nil
	}
	return &advised{err, hint}
}

// Hint is the advice that was added last; "" when there is none.
func Hint(err error) string {
	var a *advised
	if errors.As(err, &a) {
		return a.hint
	}
	return ""
}

type advised struct {
	error
	hint string
}

func (a *advised) Unwrap() error { return a.error }
