// Package package_test installs the built Debian package on hosts of the lab: on the UCS mail server, and on a plain
// Debian without UCR. Installing, reinstalling, removing and purging must leave the mail server as it was.
package package_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ucs-harden/tests/lab"
)

const (
	loginMap = "/etc/postfix/ldap.ucs-harden-logins"
	included = "/etc/postfix/ucs-harden/main.cf"
	template = "/etc/univention/templates/files/etc/postfix/main.cf.d/60_ucs-harden"
)

func TestInstallingChangesNothingOnTheMailServer(t *testing.T) {
	mail := newHost(t, "mail", lab.DNS, lab.Slapd)
	before := mail.meaning(t)
	registry := mail.ok(t, "ucr", "dump")
	traces := func() string {
		return mail.ok(t, "find", "/etc", "/usr", "/var", "/run", "-xdev", "-name", "*ucs-harden*")
	}
	none := traces()

	mail.install(t)
	assert.Equal(t, before, mail.meaning(t), "after the first installation")
	assert.Equal(t, registry, mail.ok(t, "ucr", "dump"), "the registry")
	for _, m := range []string{"logins", "suspended", "suspended-logins", "suspended-others", "suspended-free", "local-only", "local-only-logins", "local-only-others"} {
		path := "/etc/postfix/ldap.ucs-harden-" + m
		assert.Equal(t, "440 root:root", strings.TrimSpace(mail.ok(t, "stat", "-c", "%a %U:%G", path)), "the map holds a password")
		assert.Contains(t, mail.ok(t, "cat", path), "\nquery_filter = (&", m)
	}
	for path, mode := range map[string]string{
		"/etc/postfix/ucs-harden":                          "700 root:root", // the folder of the tables
		"/usr/share/ucs-harden/ldap_map.py":                "644 root:root",
		"/usr/share/ucs-harden/ucs-harden.schema":          "644 root:root",
		"/usr/share/ucs-harden/69ucs-harden.acl":           "644 root:root",
		"/usr/lib/univention-install/60ucs-harden.inst":    "755 root:root",
		"/usr/lib/univention-uninstall/40ucs-harden.uinst": "755 root:root",
		"/etc/univention/templates/info/ucs-harden.info":   "644 root:root",
		"/usr/share/doc/ucs-harden/schemas/plan.json":      "644 root:root",
	} {
		assert.Equal(t, mode, strings.TrimSpace(mail.ok(t, "stat", "-c", "%a %U:%G", path)), path)
	}
	assert.Empty(t, mail.ok(t, "ls", "/etc/postfix/ucs-harden"))

	mail.install(t)
	assert.Equal(t, before, mail.meaning(t), "after installing it again")

	// Such a file may be left by an apply that was rolled back.
	require.NoError(t, mail.WriteFile("/etc/postfix/ucs-harden/local-only-senders", []byte("a b\n"), 0o644))
	mail.ok(t, "dpkg", "--remove", "ucs-harden")
	assert.Equal(t, before, mail.meaning(t), "after removing it")

	mail.ok(t, "dpkg", "--purge", "ucs-harden")
	assert.Equal(t, before, mail.meaning(t), "after purging it")
	assert.Equal(t, registry, mail.ok(t, "ucr", "dump"), "the registry")
	assert.Equal(t, none, traces(), "left behind")
}

func TestPackageOnPlainDebian(t *testing.T) {
	host := newHost(t, "outside")
	require.NotZero(t, host.run(t, "sh", "-c", "command -v ucr").Code, "this host must have no ucr")
	before, err := host.Snapshot("/etc/postfix", "/etc/univention")
	require.NoError(t, err)

	host.install(t)
	assert.Contains(t, host.ok(t, "ucs-harden", "version"), version(t))
	for page, says := range map[string]string{
		"man8/ucs-harden.8": "SEE ALSO", "man8/ucs-harden-suspend.8": "suspend remove", "man7/ucs-harden.7": "foreign-sender",
		"man7/ucs-harden-findings.7": "edited-by-hand", "man7/ucs-harden-variables.7": "mail/harden/mode",
	} {
		assert.Contains(t, host.ok(t, "zcat", "/usr/share/man/"+page+".gz"), says, page)
	}
	for _, completion := range []string{
		"bash-completion/completions/ucs-harden", "zsh/vendor-completions/_ucs-harden", "fish/vendor_completions.d/ucs-harden.fish",
	} {
		assert.Contains(t, host.ok(t, "cat", "/usr/share/"+completion), "ucs-harden", completion)
	}

	host.ok(t, "dpkg", "--purge", "ucs-harden")
	after, err := host.Snapshot("/etc/postfix", "/etc/univention")
	require.NoError(t, err)
	assert.Empty(t, before.Diff(after), "what purging left of it")
}

// Postfix answers 451 to every login while a map that it names is missing, and to everybody while a table is missing.
func TestRemovingIsRefusedWhilePostfixNeedsThePackage(t *testing.T) {
	mail := newHost(t, "mail")
	for variable, value := range map[string]string{
		"mail/postfix/mastercf/options/submission/smtpd_sender_login_maps": "ldap:" + loginMap,
		"mail/postfix/smtpd/restrictions/recipient/05":                     "check_sasl_access pipemap:{ldap:/etc/postfix/ldap.ucs-harden-suspended-logins,regexp:/etc/postfix/ucs-harden/suspended-answer}",
		"mail/postfix/smtpd/restrictions/recipient/06":                     "check_sender_access hash:/etc/postfix/ucs-harden/local-only-senders",
	} {
		mail.install(t)
		mail.ok(t, "ucr", "set", variable+"="+value)

		refused := mail.run(t, "dpkg", "--remove", "ucs-harden")
		assert.NotZero(t, refused.Code)
		assert.Contains(t, refused.Stderr, "hint: run `ucs-harden rollback`")
		assert.Contains(t, mail.ok(t, "cat", loginMap), "query_filter", "the map is still there")
		mail.install(t) // an upgrade is not a removal

		mail.ok(t, "ucr", "unset", variable)
		mail.ok(t, "dpkg", "--remove", "ucs-harden")
	}
}

// Once the program is removed, the before-images are the only way back.
func TestPurgeKeepsTheHistoryWhileControlsAreOn(t *testing.T) {
	mail := newHost(t, "mail")
	for _, mode := range []string{"mail/harden/mode=enforce", "mail/harden/relay/foreign-sender/mode=warn"} {
		mail.install(t)
		mail.ok(t, "mkdir", "-p", "/var/lib/ucs-harden/history")
		mail.ok(t, "ucr", "set", mode)

		purged := mail.run(t, "dpkg", "--purge", "ucs-harden")
		assert.Zero(t, purged.Code, purged.Stderr)
		assert.Contains(t, purged.Stderr, "only the tool goes away", mode)
		assert.Contains(t, purged.Stderr, "the way back is kept in /var/lib/ucs-harden", mode)
		mail.ok(t, "test", "-d", "/var/lib/ucs-harden/history")

		mail.install(t)
		variable, _, _ := strings.Cut(mode, "=")
		mail.ok(t, "ucr", "set", variable+"=off")
		mail.ok(t, "dpkg", "--purge", "ucs-harden")
		assert.NotZero(t, mail.run(t, "test", "-e", "/var/lib/ucs-harden").Code)
	}
}

func TestSubfileOfMainCf(t *testing.T) {
	mail := newHost(t, "mail")
	mail.install(t)
	filter := func(file string) string {
		return mail.ok(t, "sh", "-c", file+" ucr filter <"+template)
	}
	assert.Empty(t, filter(""), "without the file it prints nothing at all")

	require.NoError(t, mail.WriteFile("/tmp/proposed", []byte("ucs_harden_class = reject\n"), 0o600))
	assert.Contains(t, filter("UCS_HARDEN_MAIN_CF=/tmp/proposed"), "\nucs_harden_class = reject\n", "a dry run sees proposed content")
	assert.Empty(t, filter(""), "and only a dry run")

	installed := "smtpd_restriction_classes = ucs_harden_class\nucs_harden_class =\n  reject # @!@print('executed')@!@ \u00fc"
	mail.ok(t, "mkdir", "-p", filepath.Dir(included))
	require.NoError(t, mail.WriteFile(included, []byte(installed), 0o644))
	assert.Equal(t, filter("UCS_HARDEN_MAIN_CF="+included), filter(""), "a dry run of what is installed equals it")
	assert.Empty(t, filter("UCS_HARDEN_MAIN_CF=/dev/null"), "a dry run of taking it away")
	assert.NotContains(t, filter(""), "@!@", "nothing in it is run as code")

	mail.ok(t, "ucr", "commit", "/etc/postfix/main.cf")
	assert.Equal(t, "ucs_harden_class\n", mail.ok(t, "postconf", "-h", "smtpd_restriction_classes"))
}

func TestLoginMapAnswersWithUidAndMailAddress(t *testing.T) {
	mail := newHost(t, "mail", lab.DNS, lab.Slapd)
	mail.install(t)
	for _, test := range []struct{ sender, owners string }{
		{"employee@company.my", "employee,employee@company.my"},
		{"e.mployee@company.my", "employee,employee@company.my"},
		{"EMPLOYEE@Company.MY", "employee,employee@company.my"},
		{"chief@company.my", "boss,boss@company.my"},
	} {
		answer := strings.TrimSpace(mail.ok(t, "postmap", "-q", test.sender, "ldap:"+loginMap))
		assert.ElementsMatch(t, strings.Split(test.owners, ","), strings.Split(answer, ","), test.sender)
	}
	nobody := mail.run(t, "postmap", "-q", "nobody@company.my", "ldap:"+loginMap)
	assert.Equal(t, lab.Result{Code: 1}, nobody, "an address without owner: not found, and no complaint")
	wildcard := mail.run(t, "postmap", "-q", "*@company.my", "ldap:"+loginMap)
	assert.Equal(t, lab.Result{Code: 1}, wildcard, "an address is no pattern")

	// A missing file must give a temporary error. The answer "owned by nobody" would refuse all mail permanently.
	for _, missing := range []struct{ what, command string }{
		{"password", "mv /etc/machine.secret /etc/machine.secret.away"},
		{"base", "mv /etc/machine.secret.away /etc/machine.secret; ucr set ldap/base="},
	} {
		mail.ok(t, "sh", "-c", missing.command+"; ucr commit "+loginMap)
		failed := mail.run(t, "postmap", "-q", "employee@company.my", "ldap:"+loginMap)
		assert.Contains(t, failed.Stderr, "Can't contact LDAP server", missing.what)
	}
}

func TestNoVariableAddsALineToTheLoginMap(t *testing.T) {
	mail := newHost(t, "mail")
	mail.install(t)
	names := func() []string {
		var names []string
		for line := range strings.Lines(mail.ok(t, "sh", "-c", "ucr commit "+loginMap+" 2>/dev/null; cat "+loginMap)) {
			if name, _, ok := strings.Cut(line, " = "); ok && !strings.HasPrefix(line, "#") {
				names = append(names, name)
			}
		}
		return names
	}
	before := names()
	require.Contains(t, before, "bind_pw")

	// ucr itself removes line breaks. It keeps other blanks that end a line in Python or on a terminal.
	mail.ok(t, "ucr", "set", "ldap/server/name=a\x0bresult_attribute = b\x0cc\u0085d", "mail/postfix/ldap/timeout=1\x0bx",
		"mail/postfix/ldaptable/debuglevel=nonsense", "ldap/hostdn=cn=@!@print('injected = 1')@!@")
	assert.Equal(t, before, names())
	content := mail.ok(t, "cat", loginMap)
	assert.Contains(t, content, "\ntimeout = 10\n")
	assert.Contains(t, content, "\ndebuglevel = 0\n")
	assert.NotContains(t, content, "@!@")
}

// host is a lab host with the helpers of these tests.
type host struct{ *lab.Host }

func newHost(t *testing.T, name string, services ...lab.Service) host {
	t.Helper()
	file := deb(t)
	l := lab.New(t, lab.Options{Services: append([]lab.Service{}, services...)})
	h := host{l.Host(name)}
	content, err := os.ReadFile(file)
	require.NoError(t, err)
	require.NoError(t, h.WriteFile("/tmp/ucs-harden.deb", content, 0o644))
	if name == "mail" {
		h.ok(t, "ucr", "commit", "/etc/postfix/main.cf", "/etc/postfix/master.cf")
	}
	return h
}

func (h host) run(t *testing.T, argv ...string) lab.Result {
	t.Helper()
	result, err := h.Run(t.Context(), argv...)
	require.NoError(t, err)
	return result
}

// ok runs a program, which must succeed, and returns its standard output.
func (h host) ok(t *testing.T, argv ...string) string {
	t.Helper()
	result := h.run(t, argv...)
	require.Zero(t, result.Code, "%s: %s%s", argv, result.Stdout, result.Stderr)
	return result.Stdout
}

func (h host) install(t *testing.T) {
	t.Helper()
	h.ok(t, "dpkg", "--install", "/tmp/ucs-harden.deb")
}

// meaning is the configuration as Postfix reads it. Postfix's tools wait until main.cf is two seconds old.
func (h host) meaning(t *testing.T) string {
	t.Helper()
	h.ok(t, "touch", "--date=1 minute ago", "/etc/postfix/main.cf")
	return h.ok(t, "postconf", "-n") + h.ok(t, "postconf", "-M") + h.ok(t, "postconf", "-P")
}

// build builds the package once for all tests here and returns its path.
var build = sync.OnceValues(func() (string, error) {
	command := exec.Command("make", "--silent", "--no-print-directory", "-C", "../..", "deb")
	command.Stderr = os.Stderr
	path, err := command.Output()
	return filepath.Join("../..", string(bytes.TrimSpace(path))), err
})

func deb(t *testing.T) string {
	t.Helper()
	path, err := build()
	require.NoError(t, err)
	return path
}

func version(t *testing.T) string {
	t.Helper()
	name, version, found := strings.Cut(filepath.Base(deb(t)), "_")
	require.True(t, found, name)
	version, _, _ = strings.Cut(version, "_")
	return version
}
