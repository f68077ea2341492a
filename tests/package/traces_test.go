package package_test

import (
	"crypto/sha256"
	"fmt"
	"path"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ucs-harden/tests/lab"
)

// trace is a change that a step leaves on the server, and why it is there: a sign as in [lab.Snapshot.Diff] ("+" new,
// "-" gone, "~" changed, and "*" any of these) and a pattern of path.Match. "/**" at its end means a folder and all that is
// in it.
type trace struct{ change, why string }

// everywhere is what changes without the package: dpkg's database and logs, mail and its queue, the directory, sockets,
// what UCR keeps beside its files, and what Python keeps of the stand-ins.
var everywhere = []string{
	"/var/lib/dpkg/**", "/var/log/**", "/var/cache/**",
	"/var/spool/postfix/**", "/var/lib/postfix/**", "/var/mail-lab/**", "/run/dovecot/**", "/var/lib/ldap-lab/**",
	"/etc/univention/base*.conf.bak", "/etc/univention/base*.conf.lock", "/usr/lib/python3/dist-packages/univention/**",
}

// state is the state of the server, without what changes by itself.
func (h host) state(t *testing.T, folders ...string) lab.Snapshot {
	t.Helper()
	s, err := h.Snapshot(folders...)
	require.NoError(t, err)
	// A comment in it lists the templates from which it is rendered.
	if main, ok := s["/etc/postfix/main.cf"]; ok {
		main.SHA256 = fmt.Sprintf("%x", sha256.Sum256([]byte(h.ok(t, "sed", "/^#/d; /^$/d", "/etc/postfix/main.cf"))))
		s["/etc/postfix/main.cf"] = main
	}
	for path := range s {
		for _, pattern := range everywhere {
			if match(pattern, path) {
				delete(s, path)
			}
		}
	}
	return s
}

// assertTraces compares what a step has changed with its traces: no change without a trace, no trace without a change.
func assertTraces(t *testing.T, before, after lab.Snapshot, traces []trace) {
	t.Helper()
	found := map[string]bool{}
	for _, line := range before.Diff(after) {
		sign, rest, _ := strings.Cut(line, " ")
		changed, _, _ := strings.Cut(rest, ": ")
		known := false
		for _, tr := range traces {
			if wanted, pattern, _ := strings.Cut(tr.change, " "); (wanted == sign || wanted == "*") && match(pattern, changed) {
				known, found[tr.change] = true, true
			}
		}
		assert.True(t, known, "a change without a reason: %s", line)
	}
	for _, tr := range traces {
		assert.True(t, found[tr.change], "no such change: %s (%s)", tr.change, tr.why)
	}
}

func match(pattern, name string) bool {
	if folder, all := strings.CutSuffix(pattern, "/**"); all {
		return name == folder || strings.HasPrefix(name, folder+"/")
	}
	ok, err := path.Match(pattern, name)
	return ok && err == nil
}
