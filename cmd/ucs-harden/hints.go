package main

import (
	"errors"
	"io/fs"
	"syscall"

	"ucs-harden/directory"
	"ucs-harden/harden"
	"ucs-harden/hosteddomains"
	"ucs-harden/internal/run"
	"ucs-harden/internal/writable"
	"ucs-harden/lists"
	"ucs-harden/maillog"
	"ucs-harden/outcome"
	"ucs-harden/plan"
	"ucs-harden/report"
	"ucs-harden/transaction"
	"ucs-harden/ucr"
)

// hintFor returns what the administrator can do about an error: the hint that the error carries, otherwise the hint of
// the first row in the table that matches.
func hintFor(err error) string {
	if hint := outcome.Hint(err); hint != "" {
		return hint
	}
	if of := (*harden.NotInEffectError)(nil); errors.As(err, &of) {
		return hintFor(of.Err)
	}
	if of := (*harden.PartlyBackError)(nil); errors.As(err, &of) {
		return hintFor(of.Err)
	}
	if of := (*harden.NotStoppedError)(nil); errors.As(err, &of) {
		return notStoppedHint(of)
	}
	for _, row := range hints {
		if hint := row(err); hint != "" {
			return hint
		}
	}
	return "ucs-harden -v shows every program that is run and what it answers"
}

// is makes a row for one error value.
func is(target error, hint string) func(error) string {
	return func(err error) string {
		if errors.Is(err, target) {
			return hint
		}
		return ""
	}
}

// as makes a row for a type of errors. The hint is made from the error; "" means that the row does not match.
func as[T error](hint func(T) string) func(error) string {
	return func(err error) string {
		var t T
		if errors.As(err, &t) {
			return hint(t)
		}
		return ""
	}
}

// always makes a row for a type of errors that always has the same hint.
func always[T error](hint string) func(error) string { return as(func(T) string { return hint }) }

// exportCommand writes the LDIF that --ldif reads.
const exportCommand = "univention-ldapsearch -LLL '(|(objectClass=univentionDomainController)(univentionService=SMTP)" +
	"(objectClass=univentionMail)(objectClass=univentionMailList)(objectClass=univentionGroup))'"

// journalHint says how the mail log is read where only the journal has it.
const journalHint = "if this system has only the journal: journalctl -o export SYSLOG_FACILITY=2 | ucs-harden report -," +
	" or | ucs-harden replay -"

// hints is the table. The most specific rows come first, general ones last.
var hints = []func(error) string{
	as(blockedHint),
	as(harden.EvidenceHint),
	as(keptHint),
	always[*harden.PausedError]("ucs-harden sync --resume, or an apply, lets them go on"),
	as(entryHint),
	always[*harden.ExportError]("export it again: " + exportCommand),
	always[*harden.ArchivedError]("export it where the server runs: " + exportCommand +
		" > directory.ldif; then add --ldif directory.ldif"),
	always[*harden.AgainError]("remove the cause, then try it now: ucs-harden sync; ucs-harden history shows the tries"),
	always[*harden.WrongAnswersError](
		"correct the cause, then plan again; ucs-harden rehearse --all shows every test message"),
	always[*harden.DisagreementError]("ucs-harden check shows what decides about this message; " +
		"ucs-harden rehearse tries the plan as a whole"),

	is(transaction.ErrLocked, "wait until it has ended, then try again"),
	is(transaction.ErrDamaged, "ucs-harden recover finds out from the history what was under way, and takes it back"),
	is(transaction.ErrIncomplete, "remove the cause (a full disk, a missing program), then run: ucs-harden recover"),
	always[*transaction.ConflictError]("what was changed meanwhile has stayed; plan again with it: ucs-harden plan"),
	is(transaction.ErrRolledBack, "the server is as it was before; remove the cause, then plan again"),
	is(transaction.ErrUrgent,
		"ucs-harden suspend remove ACCOUNT --now lets an account send again, suspend add --now stops it"),
	is(transaction.ErrWaiting, report.ConfirmHint),
	is(transaction.ErrUnwatched,
		"apply without --confirm-within, or find out why no process can be started: ucs-harden -v"),
	is(transaction.ErrTooLate, "ucs-harden history shows whether it was taken back; if you still want it, apply it again"),
	is(transaction.ErrConflict, "look at what was changed; --force overwrites it"),
	is(transaction.ErrStale, "look at a new plan: ucs-harden plan"),
	is(transaction.ErrNoChange, "ucs-harden history shows the changes"),
	is(transaction.ErrNotRegular,
		"find out what it is and who made it; remove it or replace it with a regular file, then plan again"),
	is(directory.ErrBadPassword, "check the machine account: univention-ldapsearch -LLL -s base dn "+
		"must work on this server (see /etc/machine.secret)"),
	is(directory.ErrUntrusted, "the LDAP server's certificate must be signed by /etc/univention/ssl/ucsCA/CAcert.pem "+
		"and name the server in ldap/server/name"),
	is(directory.ErrIncomplete, "check ldap/base, and that the machine account may read everything below it"),
	is(directory.ErrNoControllers, "check ldap/base, and that the machine account may read the computer objects"),
	is(directory.ErrUnreachable, "check ldap/server/name, ldap/server/port and ldap/server/addition, "+
		"or give the directory as a file: --ldif FILE"),
	is(hosteddomains.ErrEmpty,
		"add a mail domain in UMC (Mail), or check that the listener has run: ucr get mail/hosteddomains"),
	always[*hosteddomains.InvalidError](
		"correct the mail domain in UMC (Mail); the variable mail/hosteddomains follows it"),
	always[*ucr.OverriddenError]("take the variable out of that layer, or change the policy that sets it"),
	always[*ucr.FileError]("compare the file with its .bak beside it, or restore it from a backup"),
	always[*ucr.TemplateError](
		"correct the template, or the variables that it reads; ucr commit shows the whole error message"),
	always[*ucr.TooLongError]("shorten the value: one program argument holds 128 KiB"),
	is(ucr.ErrNoRegistry, "check that this is a UCS mail server, or that --root names the folder above its etc; "+
		"else restore /etc/univention/base.conf from a backup"),
	is(maillog.ErrNoLog, journalHint),
	always[*maillog.NoMailLogError]("name the files that rsyslogd(8) or the journal wrote: " +
		"ucs-harden report /var/log/mail.log"),
	is(run.ErrNotFound, "install the missing program, or check that this is a UCS mail server"),
	always[*writable.Error]("make it writable, such as with chattr -i or mount -o remount,rw; then try again"),
	is(syscall.ENOSPC, "free some space (df -h names the full disk), then try again"),

	as(writtenHint),
	as(func(e *harden.NotRenderedError) string {
		return "check that this is a UCS mail server; if it is: ucr commit " + e.Path
	}),
	as(modeErrorHint),
	always[*harden.SettingError]("correct the value of that variable with ucr set, then plan again"),
	always[*harden.DirectoryError]("univention-ldapsearch -LLL -s base dn must work on this server; " +
		"or give the directory as a file: --ldif FILE"),
	always[*harden.RehearsalError]("correct what the error names, then plan again; ucs-harden -v rehearse shows more"),
	is(fs.ErrPermission, "run ucs-harden as root"),
	is(fs.ErrNotExist, "check that this is a UCS mail server, or name the folder with --root"),
}

// modeErrorHint says which values the variable of a mode may have, and which was probably meant.
func modeErrorHint(e *harden.ModeError) string {
	const hint = "ucr set that variable to off, warn or enforce"
	var wrong *plan.WrongModeError
	if errors.As(e, &wrong) {
		if meant := meantMode(wrong.Word); meant != "" {
			return hint + "; did you mean " + string(meant) + "?"
		}
	}
	return hint
}

// blockedHint returns the hint of the first finding.
func blockedHint(e *harden.BlockedError) string {
	hint := e.Findings[0].Hint
	if len(e.Findings) > 1 {
		hint += "; ucs-harden plan says what to do about the others"
	}
	return hint
}

// notStoppedHint says how an account can be stopped that could not be stopped here.
func notStoppedHint(e *harden.NotStoppedError) string {
	return hintFor(e.Err) + "; meanwhile, switch the account off in UMC, or stop Postfix: postfix stop"
}

// entryHint says how the list can be changed nevertheless.
func entryHint(e *lists.EntryError) string {
	add, remove, list := "ucs-harden "+e.List.Adding(), "ucs-harden "+e.List.Removing(), "ucs-harden "+e.List.Listing()
	byName := remove
	if !e.List.ByName() {
		byName += " --name"
	}
	name := ""
	if len(e.Names) > 0 {
		name = plan.Quote(e.Names[0])
	}
	switch e.Fault {
	case lists.ListedTwice:
		return "say which with --name, or remove the others: " + byName + " " + plan.Quote(e.Names[1])
	case lists.NameTaken:
		return "give it another name with --name; " + list + " shows the names that are taken"
	case lists.ListedAs:
		if e.List.ByName() {
			return "change that one: " + add + " " + name + " …, or remove it first: " + byName + " " + name
		}
		return "leave out --name to change it, or remove it first: " + byName + " " + name
	case lists.Incomplete:
		if e.List.ByName() {
			return "say it with --client, --sender and --reason; " + add + " --help shows examples"
		}
		return "say it with --as; " + add + " --help shows an example"
	case lists.Unusable:
		return "remove it, then add it anew: " + byName + " " + name
	case lists.Expired:
		return "--expires sets another last day, --expires '' removes it"
	case lists.Unlisted:
		if name == "" {
			return list + " shows the entries"
		}
		return "did you mean: " + remove + " " + name + "; " + list + " shows the entries"
	case lists.Ambiguous:
		return "say which: " + byName + " " + name
	case lists.HeldAbove:
		return e.Finding.Hint
	case lists.NotWritten: // the cause may have a better hint; otherwise writtenHint
	}
	return ""
}

// writtenHint is the hint for a list that ucr did not write as requested.
func writtenHint(e *lists.EntryError) string {
	if e.Fault != lists.NotWritten {
		return ""
	}
	return "see what the registry holds now: ucs-harden " + e.List.Listing() + "; then try again"
}
