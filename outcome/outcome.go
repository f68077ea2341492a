// Package outcome holds what an error says besides its text: how the run ended, whether anything was changed, and what
// the administrator can do. These travel with the error; the command line turns them into an exit status, a clause and
// a hint.
package outcome

import "errors"

// Class is how a run ended that ended with an error.
type Class int

const (
	// Failed: an error of no class of its own.
	Failed Class = iota
	// Usage: what was asked for cannot be meant.
	Usage
	// Locked: another run holds the lock.
	Locked
	// RolledBack: a step or the verification failed, and the old state is back.
	RolledBack
	// Incomplete: the way back failed as well.
	Incomplete
)

// New is an error of a class, to be compared with errors.Is.
func New(c Class, text string) error { return &classified{errors.New(text), c} }

// As gives an error a class.
func As(c Class, err error) error {
	if err == nil {
		return nil
	}
	return &classified{err, c}
}

// ClassOf is the class of the first error of a chain that has one.
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

// Unchanged says of an error that it came before the first change.
func Unchanged(err error) error {
	if err == nil || IsUnchanged(err) {
		return err
	}
	return &unchanged{err}
}

// IsUnchanged reports whether nothing was changed. An error that RolledBack or Incomplete wraps may have said so before
// the change began; it no longer counts.
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
