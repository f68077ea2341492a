package harden

import (
	"fmt"
	"io/fs"
	"strings"

	"ucs-harden/outcome"
	"ucs-harden/plan"
	"ucs-harden/rehearsal"
)

// BlockedError says that findings forbid an apply. Findings are those of severity error that were not accepted.
type BlockedError struct{ Findings []plan.Finding }

// Error returns the text of the first finding and the IDs of the others. It leaves out a diff in the text, because the
// plan shows the diff.
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

// blocked returns an error if the plan must not be applied.
func blocked(p *plan.Plan, accepted []string) error {
	findings := p.Blocking(accepted)
	if len(findings) == 0 {
		return nil
	}
	return outcome.Unchanged(&BlockedError{findings})
}

// ChangeError adds the ID of a change to the error with which it failed. ID is "" if it failed before it had one.
type ChangeError struct {
	ID  string
	Err error
}

func (e *ChangeError) Error() string { return e.Err.Error() }
func (e *ChangeError) Unwrap() error { return e.Err }

// AcceptError says that the plan has no finding with an ID to accept, or that the finding cannot be accepted.
type AcceptError struct{ Err error }

func (e *AcceptError) Error() string { return e.Err.Error() }
func (e *AcceptError) Unwrap() error { return e.Err }

// RehearsalError says that a plan could not be rehearsed.
type RehearsalError struct{ Err error }

func (e *RehearsalError) Error() string { return e.Err.Error() }
func (e *RehearsalError) Unwrap() error { return e.Err }

// WrongAnswersError says that the planned configuration would answer differently than the rules say.
type WrongAnswersError struct{ Matrix *rehearsal.Matrix }

func (e *WrongAnswersError) Error() string {
	n, wrong := e.Matrix.Count(), e.Matrix.Wrong()[0]
	return fmt.Sprintf("cannot apply: %d of %d rehearsed answers would be wrong, such as %s: %s",
		n.Wrong, n.Cells, wrong, wrong.Why)
}

// ModeError says that the value of a registry variable is not a mode.
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

// Unwrap returns fs.ErrNotExist.
func (e *NotRenderedError) Unwrap() error { return fs.ErrNotExist }

// ExportError says that the export of the directory cannot be used.
type ExportError struct {
	Name string
	Err  error
}

func (e *ExportError) Error() string { return fmt.Sprintf("cannot use %s: %s", e.Name, e.Err) }
func (e *ExportError) Unwrap() error { return e.Err }

// ArchivedError says that a question to the directory cannot be answered on an archive without an export.
type ArchivedError struct{ About string }

func (e *ArchivedError) Error() string {
	return "cannot ask the directory of an archived server for " + e.About
}

// DirectoryError says that the directory did not answer.
type DirectoryError struct{ Err error }

func (e *DirectoryError) Error() string { return e.Err.Error() }
func (e *DirectoryError) Unwrap() error { return e.Err }

// NotInEffectError says that a list was changed, but the following sync failed. It has no Unwrap: the error of the sync
// may say that nothing was changed, which is not true of the list.
type NotInEffectError struct{ Err error }

func (e *NotInEffectError) Error() string {
	return "the list was changed, but the change is not in effect yet: " + e.Err.Error()
}

// PartlyBackError says that some changes were taken back, and the next was not. It has no Unwrap: the error about the
// next may say that nothing was changed.
type PartlyBackError struct {
	Last string // the ID of the last change that was taken back
	Err  error
}

func (e *PartlyBackError) Error() string {
	return fmt.Sprintf("the changes down to %s were taken back, the next was not: %s", e.Last, e.Err)
}
