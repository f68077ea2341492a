package main

import (
	"context"
	"errors"
	"strings"

	"ucs-harden/harden"
	"ucs-harden/outcome"
	"ucs-harden/transaction"
)

// resultOfError is the result of an attempt that ended with an error.
func resultOfError(err error) string {
	_, partly := inner(err)
	switch class := outcome.ClassOf(err); {
	case outcome.IsUnchanged(err), errors.Is(err, transaction.ErrTooLate): // what was taken back is not this command's doing
		return resultRefused
	case class == outcome.RolledBack && !partly:
		return resultRolledBack
	case class == outcome.Incomplete:
		return resultIncomplete
	}
	return resultFailed
}

// inner takes the cause out of the three errors that hide it: a part of the command was done, so that "nothing was changed"
// in the cause is not true of the whole. partly: err is one of these.
func inner(err error) (within error, partly bool) {
	if of := (*harden.NotInEffectError)(nil); errors.As(err, &of) {
		return of.Err, true
	}
	if of := (*harden.PartlyBackError)(nil); errors.As(err, &of) {
		return of.Err, true
	}
	if of := (*harden.NotStoppedError)(nil); errors.As(err, &of) {
		return of.Err, true
	}
	return err, false
}

// isShortfall reports whether an error only says what a sync has not done beside its change.
func isShortfall(err error) bool {
	return errors.As(err, new(*harden.KeptError)) || errors.As(err, new(*harden.EvidenceError))
}

// changeOf is the ID of the change that failed, "" if there is none.
func changeOf(err error) string {
	within, _ := inner(err)
	if of := (*harden.ChangeError)(nil); errors.As(within, &of) {
		return of.ID
	}
	return ""
}

// auditReason is why something was refused, in fixed words and the IDs of findings; "" if no fixed words fit.
func auditReason(err error) string {
	err, _ = inner(err)
	var blocked *harden.BlockedError
	if errors.As(err, &blocked) {
		var ids []string
		for _, f := range blocked.Findings {
			ids = append(ids, f.ID)
		}
		return "findings: " + strings.Join(ids, " ")
	}
	var lacks *harden.EvidenceError
	if errors.As(err, &lacks) {
		var names []string
		for _, r := range lacks.Of {
			names = append(names, r.Name())
		}
		return "no evidence: " + strings.Join(names, " ")
	}
	var kept *harden.KeptError
	if errors.As(err, &kept) {
		var ids []string
		for _, f := range kept.Findings {
			ids = append(ids, f.ID)
		}
		return "findings: " + strings.Join(ids, " ")
	}
	var wrong *harden.WrongAnswersError
	if errors.As(err, &wrong) {
		return "wrong answers in the rehearsal"
	}
	for _, reason := range auditReasons {
		if errors.Is(err, reason) {
			return reason.Error()
		}
	}
	return ""
}

// auditReasons are errors whose own text is fixed; that of an error around them is not.
var auditReasons = []error{
	transaction.ErrLocked, transaction.ErrStale, transaction.ErrWaiting, transaction.ErrTooLate, transaction.ErrConflict,
	transaction.ErrUrgent, context.Canceled,
}
