package main

import (
	"errors"
	"io/fs"
	"syscall"

	"ucs-harden/directory"
	"ucs-harden/hosteddomains"
	"ucs-harden/internal/run"
	"ucs-harden/outcome"
	"ucs-harden/transaction"
	"ucs-harden/ucr"
)

// explain maps an error to its exit status, which its class decides, and to what
// the administrator can do about it.
func explain(err error) (code int, hint string) {
	var f *failure
	if errors.As(err, &f) {
		return f.code, f.hint
	}
	code, hint = fitting(err)
	if status, ok := statuses[outcome.ClassOf(err)]; ok {
		code = status
	}
	return code, hint
}

// fitting is the first rule that fits, or else the advice given on the spot.
func fitting(err error) (code int, hint string) {
	for _, rule := range rules {
		if rule.fits(err) {
			return rule.code, rule.hint
		}
	}
	var a *advice
	if errors.As(err, &a) {
		return exitError, a.hint
	}
	for _, rule := range general {
		if rule.fits(err) {
			return rule.code, rule.hint
		}
	}
	return exitError, "ucs-harden -v shows every program that is run and what it answers"
}

type rule struct {
	fits func(error) bool
	code int
	hint string
}

func is(target error) func(error) bool { return func(err error) bool { return errors.Is(err, target) } }

func as[T error]() func(error) bool {
	return func(err error) bool {
		var t T
		return errors.As(err, &t)
	}
}

var rules = []rule{
	{is(transaction.ErrLocked), exitLocked, "wait until it has ended, then try again"},
	{is(transaction.ErrIncomplete), exitIncomplete, "remove the cause (a full disk, a missing program), then run: ucs-harden recover"},
	{is(transaction.ErrRolledBack), exitRolledBack, "the server is as it was before; remove the cause, then plan again"},
	{is(transaction.ErrWaiting), exitError, "ucs-harden confirm keeps it, ucs-harden rollback takes it back"},
	{is(transaction.ErrUnwatched), exitError, "apply without --confirm-within, or see why no process can be started: ucs-harden -v"},
	{is(transaction.ErrTooLate), exitError, "ucs-harden history shows whether it was taken back; apply it again if it is wanted"},
	{is(transaction.ErrConflict), exitError, "look at what was changed; --force overwrites it"},
	{is(transaction.ErrStale), exitError, "look at a new plan: ucs-harden plan"},
	{is(transaction.ErrNothing), exitError, "ucs-harden history shows the changes"},
	{is(transaction.ErrNotRegular), exitError, "look where it leads and who made it; remove it or put a plain file in its place, then plan again"},
	{is(directory.ErrBadPassword), exitError, "check the machine account: univention-ldapsearch -LLL -s base dn must work on this server (see /etc/machine.secret)"},
	{is(directory.ErrUntrusted), exitError, "the LDAP server's certificate must be signed by /etc/univention/ssl/ucsCA/CAcert.pem and name the server in ldap/server/name"},
	{is(directory.ErrIncomplete), exitError, "check ldap/base, and that the machine account may read everything below it"},
	{is(directory.ErrNoControllers), exitError, "check ldap/base, and that the machine account may read the computer objects"},
	{is(directory.ErrUnreachable), exitError, "check ldap/server/name, ldap/server/port and ldap/server/addition, or give the directory as a file: --ldif FILE"},
	{is(hosteddomains.ErrEmpty), exitError, "add a mail domain in UMC (Mail), or check that the listener has run: ucr get mail/hosteddomains"},
	{as[*hosteddomains.InvalidError](), exitError, "correct the mail domain in UMC (Mail); the variable mail/hosteddomains follows it"},
	{as[*ucr.OverriddenError](), exitError, "take the variable out of that layer, or change the policy that sets it"},
	{as[*ucr.FileError](), exitError, "compare the file with its .bak beside it, or restore it from a backup"},
	{as[*ucr.TemplateError](), exitError, "mend the template, or the variables that it reads; ucr commit shows its whole complaint"},
	{as[*ucr.TooLongError](), exitError, "shorten the value: one program argument holds 128 KiB"},
	{is(ucr.ErrNoRegistry), exitError, "check that this is a UCS mail server, or that --root names the folder above its etc; else restore /etc/univention/base.conf from a backup"},
	{is(run.ErrNotFound), exitError, "install the missing program, or check that this is a UCS mail server"},
	{is(syscall.ENOSPC), exitError, "free some space (df -h names the full disk), then try again"},
}

// general are the rules for what happens anywhere; advice given on the spot is
// better.
var general = []rule{
	{is(fs.ErrPermission), exitError, "run ucs-harden as root"},
	{is(fs.ErrNotExist), exitError, "check that this is a UCS mail server, or name the folder with --root"},
}
