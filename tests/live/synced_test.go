package live_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ucs-harden/tests/lab"
)

// TestSynced follows one server through its life. Each part begins with the state that the part before left.
func TestSynced(t *testing.T) {
	t.Parallel()
	c := newCompany(t, "mail/harden/suspended/group=suspended", "mail/harden/local-only/account/restricted/group=restricted")
	c.check(t, untouched(), "without ucs-harden")
	stock := c.without(t)
	c.harden(t, "apply --mode enforce --no-evidence --yes --no-rehearsal")
	c.check(t, hardened, "after the apply")

	t.Run("marks and members count at the next sync", func(t *testing.T) { c.countAtTheSync(t) })
	t.Run("the marks vanish", func(t *testing.T) { c.marksVanish(t) })
	t.Run("slapd is down", func(t *testing.T) { c.failsAsStock(t, stock) })
	t.Run("sync without slapd does what it can", func(t *testing.T) { c.syncWithout(t) })
	t.Run("the last day of an entry", func(t *testing.T) { c.lastDay(t) })
	t.Run("slapd is down for good, and Postfix has maps of its own", func(t *testing.T) { c.staysTheSame(t) })
	t.Run("warn with lookup live does not ask the directory", func(t *testing.T) { c.warnDoesNotAsk(t) })
}

// without plays all letters while slapd is down, and then starts slapd again.
func (c company) without(t *testing.T) map[letter]string {
	t.Helper()
	require.NoError(t, c.Kill(t.Context(), lab.Slapd))
	p := c.newPost(t)
	defer p.close()
	said := map[letter]string{}
	for _, l := range hardened.letters() {
		said[l] = p.send(t, l).String()
	}
	require.NoError(t, c.Start(t.Context(), lab.Slapd))
	c.renew(t)
	return said
}

// changed are the verdicts after marks and memberships were changed.
var changed = hardened.with(verdicts{
	bySender("boss@company.my", outside):      onLeave,
	bySender("boss@company.my", inside):       onLeave,
	byLogin(587, "boss", outside):             onLeave,
	fromOutside("boss@company.my", inside):    onLeave,
	bySender("leaver@company.my", outside):    localOnly,
	bySender("l.eaver@company.my", inside):    accepted,
	byLogin(587, "leaver", inside):            accepted,
	byLogin(465, "leaver@company.my", inside): accepted,
	fromOutside("leaver@company.my", inside):  spoofed,
	bySender("full@company.my", outside):      accepted,
	byLogin(465, "full", outside):             accepted,
	bySender("in.tern@company.my", outside):   accepted,
	byLogin(465, "intern", outside):           accepted,
	bySender("clerk@company.local", inside):   suspended,
	bySender("clerk@company.local", outside):  suspended,
	byLogin(587, "clerk", outside):            suspended,
})

func (c company) countAtTheSync(t *testing.T) {
	const unmarkLeaver, markLeaver = "replace: ucsHardenSuspended\nucsHardenSuspended: FALSE", "replace: ucsHardenSuspended\nucsHardenSuspended: TRUE"
	c.ChangeDirectory(t, person("boss", mark)+person("leaver", unmarkLeaver)+
		group("suspended", "add", "clerk")+group("suspended", "delete", "full")+
		group("restricted", "add", "leaver")+group("restricted", "delete", "intern"))
	c.check(t, hardened, "before the sync")
	assert.Contains(t, c.harden(t, "sync"), "Applied in mode enforce")
	c.check(t, changed, "after the sync")
	assert.Empty(t, c.harden(t, "sync"), "a second one has nothing to do")

	c.ChangeDirectory(t, person("boss", unmark)+person("leaver", markLeaver)+
		group("suspended", "add", "full")+group("suspended", "delete", "clerk")+
		group("restricted", "add", "intern")+group("restricted", "delete", "leaver"))
	c.check(t, changed, "before the second sync")
	c.harden(t, "sync")
	c.check(t, hardened, "after the second sync")
}

// failsAsStock compares with the same server without ucs-harden. A letter that gets another verdict when slapd is down
// must have got 451 there too, from the maps of UCS. The check by login comes before these maps and still refuses.
func (c company) failsAsStock(t *testing.T, stock map[letter]string) {
	for l, said := range c.without(t) {
		begin := hardened[l][:4]
		assert.True(t, said[:4] == begin || said[:4] == later && stock[l][:4] == later, "%s\n  with ucs-harden    %s\n  without            %s", l, said, stock[l])
		if l.login != "" && hardened[l] == suspended {
			assert.Regexp(t, `^554 .*#ucs-harden:suspended$`, said, l)
		}
	}
}

// syncWithout has a new entry while slapd is down.
func (c company) syncWithout(t *testing.T) {
	require.NoError(t, c.Stop(t.Context(), lab.Slapd))
	c.set(t, "mail/harden/suspended/account/boss/account=boss")
	said, err := c.Mail().Run(t.Context(), "ucs-harden", "sync")
	require.NoError(t, err)
	assert.Equal(t, 1, said.Code)
	assert.Regexp(t, `error: .*directory.*\nhint: .+\n$`, said.Stderr)
	assert.Contains(t, c.tables(t), "\nboss\t", "what needs no directory takes effect")
	require.NoError(t, c.Start(t.Context(), lab.Slapd))
	c.UCR(t, "unset", "mail/harden/suspended/account/boss/account")
	c.renew(t)
	c.harden(t, "sync")
	assert.Empty(t, c.harden(t, "sync"), "with slapd again")
	c.check(t, hardened, "with slapd again")
}

// tables are our tables about suspended accounts, as text.
func (c company) tables(t *testing.T) string {
	t.Helper()
	r, err := c.Mail().Run(t.Context(), "sh", "-c", "grep -h . /etc/postfix/ucs-harden/suspended-* --exclude='*.db'")
	require.NoError(t, err)
	return r.Stdout
}

// lastDay has entries that are valid until today, and others that were valid until yesterday.
func (c company) lastDay(t *testing.T) {
	today, yesterday := day(0), day(-1)
	c.set(t,
		"mail/harden/suspended/account/a/account=chief@company.my", "mail/harden/suspended/account/a/expires="+today,
		"mail/harden/suspended/account/b/account=employee", "mail/harden/suspended/account/b/expires="+yesterday,
		"mail/harden/local-only/account/a/account=employee@company.my", "mail/harden/local-only/account/a/expires="+today,
		"mail/harden/local-only/account/b/account=full", "mail/harden/local-only/account/b/expires="+yesterday,
		"mail/harden/local-only/account/restricted/expires="+yesterday,
	)
	c.check(t, hardened, "before the sync")
	c.harden(t, "sync")
	c.check(t, hardened.with(verdicts{
		bySender("boss@company.my", outside):        suspended,
		bySender("boss@company.my", inside):         suspended,
		byLogin(587, "boss", outside):               suspended,
		fromOutside("boss@company.my", inside):      suspended,
		bySender("employee@company.local", outside): localOnly,
		bySender("employee@company.local", inside):  accepted,
		byLogin(587, "employee", outside):           localOnly,
		bySender("clerk@company.local", outside):    accepted,
		bySender("in.tern@company.my", outside):     accepted,
		byLogin(587, "clerk", outside):              accepted,
		byLogin(465, "intern", outside):             accepted,
	}), "after the sync")
	c.UCR(t, "unset",
		"mail/harden/suspended/account/a/account", "mail/harden/suspended/account/a/expires",
		"mail/harden/suspended/account/b/account", "mail/harden/suspended/account/b/expires",
		"mail/harden/local-only/account/a/account", "mail/harden/local-only/account/a/expires",
		"mail/harden/local-only/account/b/account", "mail/harden/local-only/account/b/expires",
		"mail/harden/local-only/account/restricted/expires")
	// The control submission asks the directory for the owner of a sender, whatever lookup says. The next parts do not
	// test it.
	c.set(t, "mail/harden/submission/mode=off")
	c.harden(t, "sync")
}

func (c company) staysTheSame(t *testing.T) {
	c.withOwnMaps(t)
	c.check(t, hardened, "with slapd")
	require.NoError(t, c.Kill(t.Context(), lab.Slapd))
	c.renew(t)
	c.check(t, hardened, "without slapd, and with processes that have never seen it")
	require.NoError(t, c.Start(t.Context(), lab.Slapd))
}

func (c company) warnDoesNotAsk(t *testing.T) {
	c.set(t, "mail/harden/suspended/lookup=live", "mail/harden/local-only/lookup=live")
	c.harden(t, "apply --mode warn --yes --no-rehearsal")
	assert.NotContains(t, c.Postconf(t, "smtpd_recipient_restrictions"), "ldap:")
	c.check(t, untouched(), "with slapd")
	require.NoError(t, c.Kill(t.Context(), lab.Slapd))
	c.renew(t)
	begin := len(c.MailLog())
	c.check(t, untouched(), "without slapd")
	for _, tag := range []string{"suspended", "local-only"} {
		assert.Regexp(t, `(?m)NOQUEUE: reject_warning: .*#ucs-harden:`+tag+`\b`, c.MailLog()[begin:], tag)
	}
	require.NoError(t, c.Start(t.Context(), lab.Slapd))
}
