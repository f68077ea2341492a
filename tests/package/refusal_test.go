package package_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ucs-harden/tests/debianroot"
	"ucs-harden/tests/lab"
)

// While a control is on, the package cannot be removed. Postfix answers 451 to every login while a map that it names is
// missing, and to everybody while a table is missing; and without the program nothing would take a mode back.
func TestRemovalIsRefusedWhileAControlIsOn(t *testing.T) {
	mail := freshMailServer(t)
	const (
		restriction = "mail/postfix/smtpd/restrictions/recipient/05"
		table       = "/etc/postfix/ucs-harden/local-only-senders"
	)
	mail.install(t)
	for name, on := range map[string][]string{ // the options and the variable, as for ucr
		"465 and 587 ask a map": {"mail/postfix/mastercf/options/submission/smtpd_sender_login_maps=ldap:" + loginMap},
		"port 25 asks a map": {restriction + "=check_sasl_access " +
			"pipemap:{ldap:/etc/postfix/ldap.ucs-harden-suspended-logins,regexp:/etc/postfix/ucs-harden/suspended-answer}"},
		"port 25 asks a table":              {restriction + "=check_sender_access hash:" + table},
		"the registry wants all controls":   {"mail/harden/mode=enforce"},
		"the registry wants one control":    {"mail/harden/relay/foreign-sender/mode=warn"},
		"a policy wants a control":          {"--ldap-policy", "mail/harden/relay/mode=warn"},
		"a control is on, and Postfix asks": {"mail/harden/mode=warn", restriction + "=ucs_harden_class"},
	} {
		t.Run(name, func(t *testing.T) {
			mail.ok(t, append([]string{"ucr", "set"}, on...)...)
			before := mail.state(t, "/etc", "/var")
			refused := mail.run(t, "dpkg", "--remove", "ucs-harden")
			assert.Equal(t, 1, refused.Code)
			assert.Contains(t, refused.Stderr, "ucs-harden: cannot be removed: ")
			assert.Contains(t, refused.Stderr, "hint: run `ucs-harden rollback` or `ucs-harden apply --mode off --all` first")
			assert.Empty(t, before.Diff(mail.state(t, "/etc", "/var")), "what the refusal has changed")
			for i, argument := range on {
				on[i], _, _ = strings.Cut(argument, "=")
			}
			mail.ok(t, append([]string{"ucr", "unset"}, on...)...)
		})
	}
	t.Run("a change was interrupted, or waits to be confirmed", func(t *testing.T) {
		const journal = "/var/lib/ucs-harden/journal.json"
		require.NoError(t, mail.WriteFile(journal, []byte("{}"), 0o600))
		refused := mail.run(t, "dpkg", "--remove", "ucs-harden")
		assert.Equal(t, 1, refused.Code)
		assert.Contains(t, refused.Stderr, "hint: run `ucs-harden recover`, or `ucs-harden confirm` or `ucs-harden rollback`, first\n")
		mail.ok(t, "rm", journal)
	})
	t.Run("an upgrade is not refused, and a purge is", func(t *testing.T) {
		mail.ok(t, "ucr", "set", "mail/harden/mode=enforce")
		mail.install(t)
		assert.Equal(t, 1, mail.run(t, "dpkg", "--purge", "ucs-harden").Code)
	})
	t.Run("a mode that a stronger layer switches off is none", func(t *testing.T) {
		mail.ok(t, "ucr", "set", "--force", "mail/harden/mode=off")
		mail.dpkg(t, "--remove", "ucs-harden")
	})
}

// The administrator may name a table after the removal, when prerm no longer asks.
func TestPurgeKeepsWhatPostfixNames(t *testing.T) {
	mail := freshMailServer(t)
	const table = "/etc/postfix/ucs-harden/local-only-senders"
	const variable = "mail/postfix/smtpd/restrictions/recipient/06"
	mail.install(t)
	mail.ok(t, "sh", "-c", "echo a b >"+table+"; mkdir -p /var/lib/ucs-harden/history")
	mail.dpkg(t, "--remove", "ucs-harden")
	mail.ok(t, "ucr", "set", variable+"=check_sender_access hash:"+table)

	purged := mail.run(t, "dpkg", "--purge", "ucs-harden")
	assert.Zero(t, purged.Code)
	assert.Contains(t, purged.Stderr, "are kept")
	mail.ok(t, "test", "-e", table)
	mail.ok(t, "test", "-d", "/var/lib/ucs-harden/history")

	mail.ok(t, "ucr", "unset", variable)
	mail.install(t)
	mail.dpkg(t, "--purge", "ucs-harden")
	assert.NotZero(t, mail.run(t, "test", "-e", table).Code)
	assert.NotZero(t, mail.run(t, "test", "-e", "/var/lib/ucs-harden").Code)
}

// freshMailServer is a fresh Debian 12 with the stand-ins of UCS 5.2, on which nothing runs.
func freshMailServer(t *testing.T) host {
	t.Helper()
	l := lab.New(t, lab.Options{Root: debianroot.Tree(t), Services: []lab.Service{}})
	h := host{l.Mail(), l}
	h.ok(t, "ucr", "commit", "/etc/postfix/main.cf", "/etc/postfix/master.cf")
	return h
}
