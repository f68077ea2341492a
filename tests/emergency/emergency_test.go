package emergency_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ucs-harden/tests/lab"
)

// situation is a state of the server in which an account has to be stopped.
type situation struct {
	// begin brings it about. end takes away what "apply --mode off --all" does not.
	begin, end func(t *testing.T, c *company)
	// silent: the directory does not answer. until is what ends a wait for confirmation, nil for none.
	silent bool
	waits  bool
	// down: Postfix is not running. It is started to look who can send.
	down bool
	// apply: there is a change before that can be rolled back. broken: Postfix puts off what others send.
	apply, broken bool
}

func registry(setting, back string) situation {
	return situation{
		begin: func(t *testing.T, c *company) { c.UCR(t, "set", setting) },
		end:   func(t *testing.T, c *company) { c.UCR(t, "set", back) },
	}
}

const hosted = "mail/hosteddomains=company.my company.local"

var situations = map[string]situation{
	"the control is off":                         {},
	"the control is in warn":                     {begin: applied("warn"), apply: true},
	"the control is in enforce":                  {begin: applied("enforce"), apply: true},
	"a hosted domain has an underscore":          registry(hosted+" foo_bar.example", hosted),
	"a hosted domain ends with a dot":            registry(hosted+" company.example.", hosted),
	"a hosted domain is none":                    registry(hosted+" -,-", hosted),
	"the mode of all controls is no mode":        registry("mail/harden/mode=bogus", "mail/harden/mode=off"),
	"an apply waits to be confirmed":             {waits: true},
	"the directory does not answer":              {silent: true},
	"the directory does not answer, and enforce": {begin: applied("enforce"), silent: true, apply: true},
	"another entry cannot be used": {
		begin: func(t *testing.T, c *company) {
			c.UCR(t, "set", "mail/harden/suspended/account/odd/account=<x>", "mail/harden/suspended/account/odd/mode=enforce",
				"mail/harden/suspended/account/never/account=never", "mail/harden/suspended/account/never/expires=never")
		},
		end: func(t *testing.T, c *company) {
			c.UCR(t, "unset", "mail/harden/suspended/account/odd/account", "mail/harden/suspended/account/odd/mode",
				"mail/harden/suspended/account/never/account", "mail/harden/suspended/account/never/expires")
		},
	},
	"there is drift, and main.cf was edited": {
		begin: func(t *testing.T, c *company) {
			applied("enforce")(t, c)
			c.UCR(t, "unset", "mail/postfix/smtpd/restrictions/recipient/50-ucs-harden")
			c.Must(t, "sh", "-c", "echo 'message_size_limit = 4242' >>/etc/postfix/main.cf")
		},
		end: func(t *testing.T, c *company) { c.Must(t, "ucr", "commit", "/etc/postfix/main.cf") },
	},
	"tables were deleted": {
		begin: func(t *testing.T, c *company) {
			c.UCR(t, "set", "mail/harden/suspended/account/full/account=full")
			applied("enforce")(t, c)
			c.Must(t, "sh", "-c", "rm /etc/postfix/check_custom_sender_access.db /etc/postfix/ucs-harden/suspended-*")
		},
		end:    func(t *testing.T, c *company) { c.UCR(t, "unset", "mail/harden/suspended/account/full/account") },
		broken: true,
	},
	"the ledger and the history are damaged": {
		begin: func(t *testing.T, c *company) {
			applied("warn")(t, c)
			c.Must(t, "sh", "-c", "cp -a /var/lib/ucs-harden /root/saved; echo x >/var/lib/ucs-harden/ledger.json;"+
				" for f in /var/lib/ucs-harden/history/*/manifest.json; do echo x >$f; done")
		},
		end: func(t *testing.T, c *company) {
			c.Must(t, "sh", "-c", "rm -rf /var/lib/ucs-harden && mv /root/saved /var/lib/ucs-harden")
		},
	},
	"the journal is damaged": {
		begin: func(t *testing.T, c *company) {
			c.Must(t, "sh", "-c", "mkdir -p /var/lib/ucs-harden && echo x >/var/lib/ucs-harden/journal.json")
		},
		end: func(t *testing.T, c *company) { c.Must(t, "rm", "/var/lib/ucs-harden/journal.json.damaged") },
	},
	"Postfix is not running": {
		begin: func(t *testing.T, c *company) { require.NoError(t, c.Stop(t.Context(), lab.Postfix)) },
		down:  true,
	},
	"there are 10,000 other entries": {
		begin: func(t *testing.T, c *company) {
			content, err := c.Mail().ReadFile("/etc/univention/base.conf")
			require.NoError(t, err)
			require.NoError(t, c.Mail().WriteFile("/etc/univention/base.conf.few", content, 0o644))
			require.NoError(t, c.Mail().WriteFile("/etc/univention/base.conf", append(content, "\n"+many(10_000)...), 0o644))
			applied("enforce")(t, c)
		},
		end: func(t *testing.T, c *company) {
			c.Must(t, "sh", "-c", "grep -v '/account/old[0-9]' /etc/univention/base.conf >/etc/univention/base.conf.new;"+
				" cat /etc/univention/base.conf.new >/etc/univention/base.conf; rm /etc/univention/base.conf.*")
		},
		apply: true,
	},
}

func applied(mode string) func(*testing.T, *company) {
	return func(t *testing.T, c *company) { c.harden(t, "apply --yes --no-rehearsal --no-evidence --mode "+mode) }
}

// TestTheEmergencyAlwaysWorks stops an account in each situation, and lets it send again. Then it stops the account once
// more, and tries what must not lift that: a sync, an apply that is not confirmed, and a rollback of the change before.
func TestTheEmergencyAlwaysWorks(t *testing.T) {
	names := sortedKeys(situations)
	for half := range 2 {
		t.Run([]string{"some", "others"}[half], func(t *testing.T) {
			t.Parallel()
			c := newCompany(t)
			for i, name := range names {
				if i%2 == half {
					t.Run(name, func(t *testing.T) { c.emergency(t, situations[name]) })
				}
			}
		})
	}
}

func (c *company) emergency(t *testing.T, s situation) {
	old := c.meaning(t)
	if s.begin != nil {
		s.begin(t, c)
	}
	if s.silent {
		require.NoError(t, c.Stop(t.Context(), lab.Slapd))
	}
	wait := func(within string) {
		if s.waits {
			c.harden(t, "apply --yes --no-rehearsal --no-evidence --mode enforce --confirm-within "+within)
		}
	}
	wait("10m")

	c.now(t, "add boss --reason phished", "boss is stopped now.\n")
	c.answering(t, s, true)
	c.mustBeStopped(t, "at once")
	if !s.broken {
		c.mustBeNobodyElse(t, "at once")
	}
	c.answering(t, s, false)
	lifted := "boss can send again.\n"
	if s.broken || s.silent { // Postfix puts off everything, so this cannot be tried out
		lifted = "boss "
	}
	c.now(t, "remove boss", lifted)
	c.answering(t, s, true)
	if !s.broken {
		c.mustSend(t, "after suspend remove")
	}
	c.answering(t, s, false)
	c.now(t, "add boss", "boss is stopped now.\n")
	c.answering(t, s, true)

	if s.waits {
		c.harden(t, "rollback --yes")
		c.mustBeStopped(t, "after the apply that waited was taken back")
		wait("2s")
		c.expire(t)
		c.mustBeStopped(t, "after the deadline of the apply that waited")
	}
	c.harden(t, "sync", 0, 1)
	c.mustBeStopped(t, "after a sync")
	c.mustBeNobodyElse(t, "after a sync")
	if s.apply {
		c.harden(t, "rollback --yes --force")
		c.mustBeStopped(t, "after a rollback")
		c.harden(t, "apply --yes --no-rehearsal --mode warn --confirm-within 1s")
		c.expire(t)
		c.mustBeStopped(t, "after an apply that was not confirmed")
	}

	c.now(t, "remove boss", "boss can send again.\n")
	c.mustSend(t, "at the end")
	if s.end != nil {
		s.end(t, c)
	}
	c.harden(t, "apply --yes --no-rehearsal --mode off --all")
	c.UCR(t, "unset", "mail/harden/mode")
	now := c.meaning(t)
	for path := range old {
		assert.Equal(t, old[path], now[path], "the server is as it was")
	}
	assert.Equal(t, sortedKeys(old), sortedKeys(now), "the server is as it was")
}

// now changes the list and logs how long that took, the waiting of Postfix's programs included.
func (c *company) now(t *testing.T, change, says string) {
	t.Helper()
	begin := time.Now()
	result, err := c.Mail().Run(t.Context(), append([]string{"ucs-harden", "suspend"}, append(strings.Fields(change), "--now")...)...)
	require.NoError(t, err)
	t.Logf("suspend %s --now: %.1f s", change, time.Since(begin).Seconds())
	require.Zero(t, result.Code, result.Stdout+result.Stderr)
	assert.Contains(t, result.Stdout, says)
}

// answering starts or stops the directory or Postfix, where the situation is that it does not answer.
func (c *company) answering(t *testing.T, s situation, answers bool) {
	t.Helper()
	service := lab.Slapd
	if s.down {
		service = lab.Postfix
	}
	switch {
	case !s.silent && !s.down:
	case answers:
		require.NoError(t, c.Start(t.Context(), service))
	default:
		require.NoError(t, c.Stop(t.Context(), service))
	}
}

// expire waits until an apply was taken back because nobody confirmed it.
func (c *company) expire(t *testing.T) {
	t.Helper()
	c.WaitFor(t, "the apply to be taken back", func() bool {
		_, err := c.Mail().ReadFile("/var/lib/ucs-harden/journal.json")
		return err != nil
	})
}
