// Package live_test checks the promises of the controls that ask the directory, with the real Postfix, slapd and
// Dovecot:
//
//   - With lookup live, a mark or a membership counts from the next recipient on, without an apply. ldap_table(5) has
//     no cache of its own, so there is nothing to wait for, not even on an open connection.
//   - With lookup live and slapd killed amid traffic, senders with an address of ours and clients that are logged in
//     get 451. Nobody is refused permanently who was not refused before, nobody gets through who must not, and no
//     accepted mail is lost.
//   - With lookup synced, a mark or a membership counts from the next sync on, and not before; slapd may stay down.
//   - In warn the directory is not asked, whatever lookup says.
//
// Postfix itself asks the directory on UCS: it looks up every address in virtual_alias_maps, and by default
// (virtual_alias_domains) every domain in the same maps. So without slapd a server answers 451 to nearly everything,
// with or without ucs-harden. The effect of our checks alone shows on a server with other maps, see withOwnMaps.
package live_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"ucs-harden/tests/lab"
	"ucs-harden/tests/verdicts/table"
)

// company is a lab whose mail server has ucs-harden.
type company struct{ table.Company }

func newCompany(t *testing.T, variables ...string) company {
	t.Helper()
	c := company{table.NewCompany(t)}
	c.set(t, variables...)
	return c
}

func (c company) set(t *testing.T, variables ...string) {
	t.Helper()
	c.UCR(t, append([]string{"set"}, variables...)...)
	require.NoError(t, c.BackdatePostfix())
}

// harden runs the program to its end; the exit code must be 0.
func (c company) harden(t *testing.T, arguments string) string {
	t.Helper()
	require.NoError(t, c.BackdatePostfix())
	said := c.Harden(t, arguments)
	require.NoError(t, c.BackdatePostfix())
	return said
}

// withOwnMaps gives the server mailboxes and aliases that do not ask the directory, and removes the quota of the
// mailboxes.
func (c company) withOwnMaps(t *testing.T) {
	t.Helper()
	var boxes strings.Builder
	for _, user := range lab.Users {
		fmt.Fprintf(&boxes, "%s x\n", user.Mail)
	}
	require.NoError(t, c.Mail().WriteFile("/etc/postfix/own-boxes", []byte(boxes.String()), 0o644))
	c.run(t, "postmap", "hash:/etc/postfix/own-boxes")
	c.UCR(t, "unset", "mail/postfix/smtpd/restrictions/recipient/80")
	c.AddMainCF(t, "virtual_mailbox_maps = hash:/etc/postfix/own-boxes", "virtual_alias_maps =")
	c.renew(t)
}

// renew restarts all processes of Postfix. A reload would also do this, but master(8) does it some time after the
// command.
func (c company) renew(t *testing.T) {
	t.Helper()
	require.NoError(t, c.Restart(t.Context(), lab.Postfix))
}

func (c company) run(t *testing.T, argv ...string) string {
	t.Helper()
	result, err := c.Mail().Run(t.Context(), argv...)
	require.NoError(t, err)
	require.Zero(t, result.Code, "%s: %s", argv, result.Stderr)
	return result.Stdout
}

// person and group are LDIF records that change an entry.
func person(uid, changes string) string {
	return "dn: uid=" + uid + ",cn=users,dc=company,dc=my\nchangetype: modify\n" + changes + "\n\n"
}

func group(name, change, uid string) string {
	return "dn: cn=" + name + ",cn=groups,dc=company,dc=my\nchangetype: modify\n" + change + ": uniqueMember\nuniqueMember: uid=" + uid + ",cn=users,dc=company,dc=my\n\n"
}

const (
	mark   = "add: objectClass\nobjectClass: ucsHardenMail\n-\nadd: ucsHardenSuspended\nucsHardenSuspended: TRUE\n-\nadd: ucsHardenSuspendedReason\nucsHardenSuspendedReason: on leave"
	unmark = "delete: objectClass\nobjectClass: ucsHardenMail\n-\ndelete: ucsHardenSuspended\n-\ndelete: ucsHardenSuspendedReason"
)

// day is the date this many days from now.
func day(fromNow int) string { return time.Now().AddDate(0, 0, fromNow).Format(time.DateOnly) }
