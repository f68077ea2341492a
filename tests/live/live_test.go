package live_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ucs-harden/tests/lab"
)

// TestLive has all controls in enforce. Each part restores the directory at its end.
func TestLive(t *testing.T) {
	t.Parallel()
	c := newCompany(t, "mail/harden/suspended/lookup=live", "mail/harden/local-only/lookup=live",
		"mail/harden/suspended/group=suspended", "mail/harden/local-only/account/restricted/group=restricted")
	c.harden(t, "apply --mode enforce --no-evidence --yes --no-rehearsal")
	applied := c.Configuration(t)
	c.check(t, hardened, "after the apply")

	t.Run("marks and members count at once", func(t *testing.T) { c.countAtOnce(t) })
	require.Empty(t, applied.Diff(c.Configuration(t)), "nobody applied anything")
	t.Run("an account is free at once", func(t *testing.T) { c.freeAtOnce(t) })
	t.Run("the marks vanish", func(t *testing.T) { c.marksVanish(t) })
	t.Run("slapd is killed amid traffic", func(t *testing.T) {
		// An smtpd remembers a failed lookup as long as it lives, with or without ucs-harden.
		c.killedAmidTraffic(t, directoryDown, func() { c.ReloadPostfix(t) })
	})
	t.Run("the machine password rotates", func(t *testing.T) { c.passwordRotates(t) })
	t.Run("a group that has expired", func(t *testing.T) { c.groupExpires(t) })
	t.Run("slapd is killed amid traffic, and Postfix has maps of its own", func(t *testing.T) {
		c.withOwnMaps(t)
		c.killedAmidTraffic(t, onlyOursDown, func() {})
	})
}

// countAtOnce changes the directory and plays letters again on the same connections.
func (c company) countAtOnce(t *testing.T) {
	p := c.newPost(t)
	defer p.close()
	for _, change := range []struct {
		sentence, there, back string
		after                 verdicts
	}{
		{
			"an attribute marks boss", person("boss", mark), person("boss", unmark),
			verdicts{
				bySender("boss@company.my", outside):     onLeave,
				bySender("chief@company.my", inside):     onLeave,
				byLogin(465, "boss", outside):            onLeave,
				byLogin(587, "boss@company.my", outside): onLeave,
			},
		},
		{
			"employee becomes a member of the suspended", group("suspended", "add", "employee"), group("suspended", "delete", "employee"),
			verdicts{
				bySender("employee@company.local", inside):  suspended,
				byLogin(465, "employee@company.my", inside): suspended,
				byLogin(587, "employee", outside):           suspended,
			},
		},
		{
			"boss becomes a member of those who write locally", group("restricted", "add", "boss"), group("restricted", "delete", "boss"),
			verdicts{
				bySender("chief@company.my", outside): localOnly,
				byLogin(465, "boss", outside):         localOnly,
				byLogin(587, "boss", outside):         localOnly,
				byLogin(587, "boss", inside):          accepted,
			},
		},
	} {
		t.Run(change.sentence, func(t *testing.T) {
			before := verdicts{}
			for l := range change.after {
				before[l] = accepted
			}
			before.check(t, p, "before")
			c.ChangeDirectory(t, change.there)
			change.after.check(t, p, "after it")
			c.ChangeDirectory(t, change.back)
			before.check(t, p, "back again")
		})
	}
	t.Run("nobody else is touched", func(t *testing.T) { hardened.check(t, p, "in the end") })
}

// freeAtOnce takes the mark off an account that was marked at the last apply.
func (c company) freeAtOnce(t *testing.T) {
	p := c.newPost(t)
	defer p.close()
	letters := []letter{
		bySender("leaver@company.my", outside), bySender("l.eaver@company.my", inside),
		byLogin(587, "leaver", inside), byLogin(465, "leaver@company.my", inside),
	}
	free := verdicts{}
	for _, l := range letters {
		free[l] = accepted
	}
	hardened.check(t, p, "before")
	c.ChangeDirectory(t, person("leaver", unmark))
	free.check(t, p, "without a mark")
	c.ChangeDirectory(t, person("leaver", strings.ReplaceAll(mark, "on leave", "contract ended")))
	hardened.check(t, p, "marked again")
}

// passwordRotates changes the machine password as UCS does: first in the directory, then in /etc/machine.secret; then
// the hooks run. A running smtpd keeps its connections and the old password.
func (c company) passwordRotates(t *testing.T) {
	p := c.newPost(t)
	defer p.close()
	hardened.check(t, p, "before")
	c.ChangeDirectory(t, "dn: cn=mail,cn=dc,cn=computers,dc=company,dc=my\nchangetype: modify\nreplace: userPassword\nuserPassword: rotated")
	require.NoError(t, c.Mail().WriteFile("/etc/machine.secret", []byte("rotated"), 0o600))
	c.run(t, "sed", "-i", "s/^dnpass = .*/dnpass = rotated/", "/etc/dovecot/lab-ldap.conf")
	require.NoError(t, c.Restart(t.Context(), lab.Dovecot))
	for _, when := range []string{"prechange", "nochange"} {
		old := c.Configuration(t)
		c.run(t, "run-parts", "--arg="+when, "/usr/lib/univention-server/server_password_change.d")
		assert.Empty(t, old.Diff(c.Configuration(t)), when)
	}
	c.run(t, "run-parts", "--arg=postchange", "/usr/lib/univention-server/server_password_change.d")
	require.NoError(t, c.BackdatePostfix())
	hardened.check(t, p, "on connections from before")
	for _, name := range []string{"suspended", "suspended-logins", "suspended-others", "suspended-free", "local-only", "local-only-logins", "local-only-others", "logins"} {
		content, err := c.Mail().ReadFile("/etc/postfix/ldap.ucs-harden-" + name)
		require.NoError(t, err)
		assert.Contains(t, string(content), "\nbind_pw = rotated\n", name)
	}
	// After a restart of slapd none of the old connections is left.
	require.NoError(t, c.Restart(t.Context(), lab.Slapd))
	c.renew(t)
	c.check(t, hardened, "on new connections")
	c.ChangeDirectory(t, person("boss", mark))
	c.check(t, verdicts{bySender("boss@company.my", inside): onLeave, byLogin(587, "boss", inside): onLeave}, "a mark")
	c.ChangeDirectory(t, person("boss", unmark))
	assert.Empty(t, c.harden(t, "sync"), "there is nothing left to do")
}

// groupExpires has a group whose last day is today, and then a group whose last day was yesterday. No variable changes
// at midnight: the next sync removes the group from the map.
func (c company) groupExpires(t *testing.T) {
	const expires = "mail/harden/local-only/account/temporary/expires="
	c.set(t, "mail/harden/local-only/account/temporary/group=office", expires+day(0))
	assert.Empty(t, c.harden(t, "sync"), "UCR has rendered the map")
	c.renew(t)
	bound := verdicts{bySender("boss@company.my", outside): localOnly, byLogin(587, "employee", outside): localOnly, byLogin(465, "boss", inside): accepted}
	c.check(t, bound, "on the last day")

	kept := map[string][]byte{}
	for _, name := range []string{"local-only", "local-only-logins", "local-only-others"} {
		file := "/etc/postfix/ldap.ucs-harden-" + name
		content, err := c.Mail().ReadFile(file)
		require.NoError(t, err)
		kept[file] = content
	}
	c.set(t, expires+day(-1))
	for file, content := range kept {
		require.NoError(t, c.Mail().WriteFile(file, content, 0o640))
	}
	c.renew(t)
	c.check(t, bound, "past midnight")
	assert.NotEmpty(t, c.harden(t, "sync"))
	c.renew(t)
	free := verdicts{bySender("boss@company.my", outside): accepted, byLogin(587, "employee", outside): accepted}
	c.check(t, hardened.with(free), "after the sync")
	c.UCR(t, "unset", "mail/harden/local-only/account/temporary/group", "mail/harden/local-only/account/temporary/expires")
}
