package package_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ucs-harden/tests/debianroot"
	"ucs-harden/tests/lab"
)

func TestPackageOnPlainDebian(t *testing.T) {
	l := lab.New(t, lab.Options{Root: debianroot.Tree(t), Services: []lab.Service{}})
	plain := host{l.Host("outside"), l}
	require.NotZero(t, plain.run(t, "sh", "-c", "command -v ucr").Code, "this host must have no ucr")
	before := plain.state(t, "/etc", "/usr", "/var")

	plain.install(t)
	assert.Contains(t, plain.ok(t, "ucs-harden", "version"), version(t))
	for page, says := range map[string]string{
		"man8/ucs-harden.8": "SEE ALSO", "man8/ucs-harden-suspend.8": "suspend remove", "man7/ucs-harden.7": "foreign-sender",
		"man7/ucs-harden-findings.7": "edited-by-hand", "man7/ucs-harden-variables.7": "mail/harden/mode",
	} {
		assert.Contains(t, plain.ok(t, "zcat", "/usr/share/man/"+page+".gz"), says, page)
	}
	for path, mode := range map[string]string{
		"/etc/postfix/ucs-harden":                              "700 root:root", // the folder of the tables
		"/usr/share/ucs-harden/ldap_map.py":                    "644 root:root",
		"/usr/share/ucs-harden/ucs-harden.schema":              "644 root:root",
		"/usr/lib/univention-install/60ucs-harden.inst":        "755 root:root",
		"/usr/share/doc/ucs-harden/schemas/plan.json":          "644 root:root",
		"/usr/share/bash-completion/completions/ucs-harden":    "644 root:root",
		"/usr/share/zsh/vendor-completions/_ucs-harden":        "644 root:root",
		"/usr/share/fish/vendor_completions.d/ucs-harden.fish": "644 root:root",
	} {
		assert.Equal(t, mode+"\n", plain.ok(t, "stat", "-c", "%a %U:%G", path), path)
	}

	plain.dpkg(t, "--remove", "ucs-harden")
	plain.install(t)
	plain.dpkg(t, "--purge", "ucs-harden")
	assert.Empty(t, before.Diff(plain.state(t, "/etc", "/usr", "/var")), "what purging left of it")
}

// UCS's own programs send mail on every server, so every server has univention-mail-postfix.
func TestServerThatIsNoMailServer(t *testing.T) {
	server := freshMailServer(t)
	server.ok(t, "dpkg", "--purge", "univention-mail-server")
	maps := func() int { return server.run(t, "test", "-e", loginMap).Code }

	said := server.dpkg(t, "--install", deb(t))
	assert.Contains(t, said, "ucs-harden: this is no mail server (no univention-mail-server, no service SMTP)")
	assert.NotZero(t, maps(), "a map holds the password of the machine")
	refused := server.run(t, "ucs-harden", "plan", "--mode", "enforce", "--ldif", "/dev/null")
	assert.NotZero(t, refused.Code)

	// The package that makes a mail server has a join script.
	server.dpkg(t, "--install", standIn(t, "univention-mail-server", "16.0.2", map[string]string{
		"/usr/lib/univention-install/67univention-mail-server.inst": "#!/bin/sh\n"}))
	assert.Zero(t, maps(), "the package has registered itself")

	const uses = "mail/postfix/mastercf/options/submission/smtpd_sender_login_maps"
	server.ok(t, "dpkg", "--purge", "univention-mail-server")
	server.ok(t, "ucr", "set", uses+"=ldap:"+loginMap)
	server.ok(t, "rm", loginMap)
	server.install(t)
	assert.Zero(t, maps(), "it is no mail server any more, but Postfix still asks the map")
	server.ok(t, "ucr", "unset", uses)

	server.dpkg(t, "--purge", "ucs-harden")
	assert.NotZero(t, maps())
}

// The service SMTP makes a mail server too, whatever is installed.
func TestServerWithTheServiceSMTP(t *testing.T) {
	l := lab.New(t, lab.Options{Root: debianroot.Tree(t), Services: []lab.Service{lab.DNS, lab.Slapd}})
	server := host{l.Mail(), l}
	server.ok(t, "ucr", "commit", "/etc/postfix/main.cf", "/etc/postfix/master.cf")
	server.ok(t, "dpkg", "--purge", "univention-mail-server")
	server.install(t)
	server.ok(t, "test", "-e", loginMap)
}

// Without univention-mail-postfix, nobody else renders main.cf, and the package must not do it from its subfile alone.
func TestServerWithoutPostfixOfUCS(t *testing.T) {
	server := freshMailServer(t)
	server.ok(t, "rm", "/etc/univention/templates/info/univention-mail-postfix.info")
	server.ok(t, "ucr", "update")
	before := server.ok(t, "cat", "/etc/postfix/main.cf")

	server.install(t)
	server.ok(t, "ucr", "set", "mail/harden/mode=warn")
	server.ok(t, "ucr", "unset", "mail/harden/mode")
	assert.Equal(t, before, server.ok(t, "cat", "/etc/postfix/main.cf"))
	server.dpkg(t, "--purge", "ucs-harden")
	assert.Equal(t, before, server.ok(t, "cat", "/etc/postfix/main.cf"))
}

func TestPurgeWhereUCRIsGone(t *testing.T) {
	server := freshMailServer(t)
	server.install(t)
	server.ok(t, "mkdir", "-p", "/var/lib/ucs-harden/history")
	server.ok(t, "ucr", "set", "mail/harden/suspended/account/boss=yes")
	server.dpkg(t, "--remove", "ucs-harden")
	server.ok(t, "rm", "/usr/sbin/ucr", "/usr/sbin/univention-config-registry")

	said := server.dpkg(t, "--purge", "ucs-harden")
	assert.Contains(t, said, "without ucr, the settings and lists stay in /etc/univention/base.conf")
	for _, gone := range []string{"/var/lib/ucs-harden", "/etc/postfix/ucs-harden", infoFile, removedInfo} {
		assert.NotZero(t, server.run(t, "test", "-e", gone).Code, gone)
	}
}

// A conffile that an administrator has deleted stays deleted. The package can be installed nevertheless, and says so.
func TestInfoFileThatWasDeleted(t *testing.T) {
	server := freshMailServer(t)
	server.install(t)
	server.ok(t, "rm", infoFile)
	installed := server.run(t, "dpkg", "--install", server.bring(t, deb(t)))
	assert.Zero(t, installed.Code)
	assert.Contains(t, installed.Stderr,
		"hint: run `apt-get install --reinstall -o Dpkg::Options::=--force-confmiss ucs-harden`")

	server.ok(t, "dpkg", "--force-confmiss", "--install", server.bring(t, deb(t)))
	server.registered(t)
}
