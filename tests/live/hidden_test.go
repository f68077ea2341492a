package live_test

import (
	"maps"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ucs-harden/tests/lab"
)

// access makes slapd on the mail server begin with these access rules; "" is none.
func (c company) access(t *testing.T, rules string) {
	t.Helper()
	const file, begin = "/etc/ldap/slapd-lab.conf", "access to attrs=userPassword"
	content, err := c.Mail().ReadFile(file)
	require.NoError(t, err)
	before, after, found := strings.Cut(string(content), begin)
	require.True(t, found)
	before, _, _ = strings.Cut(before, "# here\n")
	require.NoError(t, c.Mail().WriteFile(file, []byte(before+"# here\n"+rules+begin+after), 0o600))
	require.NoError(t, c.Restart(t.Context(), lab.Slapd))
	c.renew(t) // an smtpd remembers that a lookup has failed
}

// hidden hides both marks: the attribute, and the membership in a group.
const hidden = "access to attrs=ucsHardenSuspended,ucsHardenSuspendedReason,memberOf by * none\n"

// marksVanish hides the marks from the mail server. Who was suspended at the last sync stays suspended, before the next
// sync and after it, also when the mark is taken off meanwhile.
func (c company) marksVanish(t *testing.T) {
	const finding = `"id": "marks-unread:suspended"`
	still := maps.Clone(hardened)
	maps.DeleteFunc(still, func(_ letter, verdict string) bool { return verdict == localOnly }) // by a group as well
	free := verdicts{
		bySender("leaver@company.my", outside):    accepted,
		byLogin(587, "leaver", inside):            accepted,
		byLogin(465, "leaver@company.my", inside): accepted,
		byLogin(465, "full", outside):             suspended,
	}
	require.NotContains(t, c.Harden(t, "status --json", 0, 2), finding)

	c.access(t, hidden)
	c.check(t, still, "before the next sync")
	assert.Contains(t, c.Harden(t, "status --json", 0, 2), finding)
	c.ChangeDirectory(t, person("leaver", unmark))
	c.harden(t, "sync")
	c.check(t, still, "after the next sync")

	c.access(t, "")
	c.harden(t, "sync")
	assert.NotContains(t, c.Harden(t, "status --json", 0, 2), finding, "it heals")
	c.check(t, free, "the mark can be seen, and is not there")
	c.ChangeDirectory(t, person("leaver", strings.ReplaceAll(mark, "on leave", "contract ended")))
	c.harden(t, "sync")
	c.check(t, hardened, "marked again")
}
