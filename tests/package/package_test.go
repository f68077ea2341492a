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
type host struct {
	*lab.Host
	lab *lab.Lab
}

func newHost(t *testing.T, name string, services ...lab.Service) host {
	t.Helper()
	l := lab.New(t, lab.Options{Services: append([]lab.Service{}, services...)})
	h := host{l.Host(name), l}
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
	h.ok(t, "dpkg", "--install", h.bring(t, deb(t)))
}

// bring copies a file of this machine to the host, and returns where it is there.
func (h host) bring(t *testing.T, file string) string {
	t.Helper()
	content, err := os.ReadFile(file)
	require.NoError(t, err)
	there := "/tmp/" + filepath.Base(file)
	require.NoError(t, h.WriteFile(there, content, 0o644))
	return there
}

// firstLine runs a program like [host.ok], and returns the first line of its output.
func (h host) firstLine(t *testing.T, argv ...string) string {
	t.Helper()
	line, _, _ := strings.Cut(h.ok(t, argv...), "\n")
	return line + "\n"
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
