package faults_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ucs-harden/transaction"
)

// obstacles are what stops root from writing, each with the way to take it away, and with what the program says of it.
var obstacles = map[string]struct{ put, take, says string }{
	"master.cf is immutable":        {"chattr +i /etc/postfix/master.cf", "chattr -i /etc/postfix/master.cf", "cannot write /etc/postfix/master.cf: it is immutable (chattr +i)"},
	"main.cf is immutable":          {"chattr +i /etc/postfix/main.cf", "chattr -i /etc/postfix/main.cf", "cannot write /etc/postfix/main.cf: it is immutable (chattr +i)"},
	"base.conf is immutable":        {"chattr +i /etc/univention/base.conf", "chattr -i /etc/univention/base.conf", "cannot write /etc/univention/base.conf: it is immutable (chattr +i)"},
	"the folder is immutable":       {"chattr +i /etc/postfix", "chattr -i /etc/postfix", "cannot write /etc/postfix: it is immutable (chattr +i)"},
	"the tables' folder is mounted": {"mount --bind -o ro /etc/postfix/ucs-harden /etc/postfix/ucs-harden && mount -o remount,bind,ro /etc/postfix/ucs-harden", "umount -l /etc/postfix/ucs-harden", "cannot write /etc/postfix/ucs-harden: read-only file system"},
	"master.cf is a mount point":    {"mount --bind /etc/postfix/master.cf /etc/postfix/master.cf", "umount -l /etc/postfix/master.cf", "cannot write /etc/postfix/master.cf: it is a mount point"},
	"the log of ucr is immutable":   {"ucr set ucr/replog/enabled=yes >/dev/null && chattr +i /var/log/univention/config-registry.replog", "chattr -i /var/log/univention/config-registry.replog && ucr unset ucr/replog/enabled", "cannot write /var/log/univention/config-registry.replog: it is immutable"},
	"the log of ucr has no folder":  {"ucr set ucr/replog/enabled=yes >/dev/null && mv /var/log/univention /var/log/away", "mv /var/log/away /var/log/univention && ucr unset ucr/replog/enabled", "cannot write /var/log/univention: no such file or directory"},
}

// TestWhatCannotBeWritten: an apply and a rollback find out before they begin.
func TestWhatCannotBeWritten(t *testing.T) {
	t.Parallel()
	c := newCompany(t)
	sh := func(t *testing.T, script string) {
		t.Helper()
		said, err := c.Mail().Run(t.Context(), "sh", "-c", script)
		require.NoError(t, err)
		require.Zero(t, said.Code, "%s: %s", script, said.Stderr)
	}
	for sentence, o := range obstacles {
		t.Run(sentence, func(t *testing.T) {
			old := c.state(t)
			sh(t, o.put)
			begun := c.Configuration(t)
			said := c.harden(t, applyEnforce, 1)
			require.Contains(t, said.Stderr, o.says)
			require.Contains(t, said.Stderr, "; nothing was changed\nhint: ")
			require.Empty(t, begun.Diff(c.Configuration(t)))
			sh(t, o.take)
			c.harden(t, applyEnforce, 0)
			sh(t, o.put)
			begun = c.Configuration(t)
			said = c.harden(t, "rollback", 1)
			require.Contains(t, said.Stderr, o.says)
			require.Contains(t, said.Stderr, "nothing was changed")
			require.Empty(t, begun.Diff(c.Configuration(t)))
			sh(t, o.take)
			c.harden(t, "rollback", 0)
			c.mustBe(t, old)
		})
	}
	old := c.state(t)
	for _, step := range []string{transaction.StepJournal, transaction.StepMaps} {
		t.Run("master.cf becomes immutable after "+step, func(t *testing.T) {
			become := func(done string) string {
				if done == step {
					said, err := c.Mail().Run(t.Context(), "chattr", "+i", masterCF)
					assert.NoError(t, err)
					assert.Zero(t, said.Code, said.Stderr)
				}
				return "go"
			}
			during(&c.afterStep, become, func() { c.harden(t, applyEnforce, 3) })
			sh(t, "chattr -i "+masterCF)
			c.mustBe(t, old)
		})
	}
}
