package harden

import (
	"fmt"
	"io/fs"
	"strings"

	"ucs-harden/outcome"
	"ucs-harden/plan"
	"ucs-harden/rehearsal"
)

// BlockedError says that findings forbid an apply: those of severity error that were not accepted.
type BlockedError struct{ Findings []plan.Finding }

// Error is the first finding, and the names of the others. A text may end in a diff, which the plan shows.
func (e *BlockedError) Error() string {
	text, _, _ := strings.Cut(e.Findings[0].Text, "\n")
	text = strings.TrimSuffix(text, ":")
	if len(e.Findings) > 1 {
		var more []string
		for _, f := range e.Findings[1:] {
			more = append(more, f.ID)
		}
		text += "; and: " + strings.Join(more, ", ")
	}
	return "cannot apply: " + text
}

// blocked is the error of a plan that must not be applied.
func blocked(p *plan.Plan, accepted []string) error {
	findings := p.Blocking(accepted)
	if len(findings) == 0 {
		return nil
	}
	return outcome.Unchanged(&BlockedError{findings})
}

// AcceptError says that a name to accept is none of the plan's findings, or cannot be accepted.
type AcceptError struct{ Err error }

func (e *AcceptError) Error() string { return e.Err.Error() }
func (e *AcceptError) Unwrap() error { return e.Err }

// RehearsalError says that a plan could not be rehearsed.
type RehearsalError struct{ Err error }

func (e *RehearsalError) Error() string { return e.Err.Error() }
func (e *RehearsalError) Unwrap() error { return e.Err }

// WrongAnswersError says that the configuration of a plan would answer otherwise than the rules say.
type WrongAnswersError struct{ Matrix *rehearsal.Matrix }

func (e *WrongAnswersError) Error() string {
	n, wrong := e.Matrix.Count(), e.Matrix.Wrong()[0]
	return fmt.Sprintf("cannot apply: %d of %d rehearsed answers would be wrong, such as %s: %s", n.Wrong, n.Cells, wrong, wrong.Why)
}

// ModeError says that a registry variable does not hold a mode.
type ModeError struct{ Err error }

func (e *ModeError) Error() string { return e.Err.Error() }
func (e *ModeError) Unwrap() error { return e.Err }

// SettingError says that a registry variable of a control cannot be used.
type SettingError struct{ Err error }

func (e *SettingError) Error() string { return e.Err.Error() }
func (e *SettingError) Unwrap() error { return e.Err }

// NotRenderedError says that main.cf or master.cf is missing.
type NotRenderedError struct{ Path string }

func (e *NotRenderedError) Error() string {
	return fmt.Sprintf("cannot read %s: %s", e.Path, fs.ErrNotExist)
}

// Unwrap is fs.ErrNotExist.
func (e *NotRenderedError) Unwrap() error { return fs.ErrNotExist }

// ExportError says that the export of the directory cannot be used.
type ExportError struct {
	Name string
	Err  error
}

func (e *ExportError) Error() string { return fmt.Sprintf("cannot use %s: %s", e.Name, e.Err) }
func (e *ExportError) Unwrap() error { return e.Err }

// ArchivedError says that an archive has no directory to ask.
type ArchivedError struct{ About string }

func (e *ArchivedError) Error() string {
	return "cannot ask the directory of an archived server for " + e.About
}

// DirectoryError says that the directory did not answer.
type DirectoryError struct{ Err error }

func (e *DirectoryError) Error() string { return e.Err.Error() }
func (e *DirectoryError) Unwrap() error { return e.Err }

// NotInEffectError says that a list was changed, and that the sync which should have brought the change into effect
// failed. What the error of the sync says of nothing being changed is not true of the list, so Unwrap does not give it.
type NotInEffectError struct{ Err error }

func (e *NotInEffectError) Error() string {
	return "the list was changed, but that is not in effect yet: " + e.Err.Error()
}

// EntryFault is what stands against a change of a list.
type EntryFault int

// The faults; Names of the EntryError are the entries that they speak of.
const (
	ListedTwice EntryFault = iota // the account or address has several entries
	NameTaken                     // the name is that of another entry
	ListedAs                      // the account or address has an entry of another name
	Unusable                      // the entry would not count all the same
	Expired                       // its last day is over
	Unlisted                      // there is no such entry
	Ambiguous                     // the word can mean several entries
	HeldAbove                     // a stronger layer holds a variable of the entry
	NotWritten                    // ucr did not do as it was told
)

// EntryError says why an entry of a list was not changed.
type EntryError struct {
	Fault EntryFault
	Verb  string   // the command of the list
	Names []string // of entries
	// Finding says which layer holds what, for HeldAbove.
	Finding *plan.Finding
	Err     error
}

func (e *EntryError) Error() string { return e.Err.Error() }
func (e *EntryError) Unwrap() error { return e.Err }
