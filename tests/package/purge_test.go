package package_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Postfix answers 451 to everybody while a table that it names is missing. The administrator may name a table after the
// removal, when prerm no longer checks.
func TestPurgeKeepsTheTablesWhilePostfixNamesThem(t *testing.T) {
	mail := newHost(t, "mail")
	const table = "/etc/postfix/ucs-harden/local-only-senders"
	const variable = "mail/postfix/smtpd/restrictions/recipient/06"
	mail.install(t)
	require.NoError(t, mail.WriteFile(table, []byte("a b\n"), 0o644))
	mail.ok(t, "dpkg", "--remove", "ucs-harden")
	mail.ok(t, "ucr", "set", variable+"=check_sender_access hash:"+table)

	mail.ok(t, "dpkg", "--purge", "ucs-harden")
	mail.ok(t, "test", "-e", table)

	mail.ok(t, "ucr", "unset", variable)
	mail.install(t)
	mail.ok(t, "dpkg", "--purge", "ucs-harden")
	assert.NotZero(t, mail.run(t, "test", "-e", table).Code)
}
