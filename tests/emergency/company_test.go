// Package emergency_test stops accounts on a real mail server while something else is wrong: "suspend add NAME --now" has to
// work whatever the state of the server is, nothing but "suspend remove" may lift it, and it may stop nobody else.
package emergency_test

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ucs-harden/tests/lab"
)

// company is a lab whose mail server has ucs-harden.
type company struct{ *lab.Lab }

func newCompany(t *testing.T) *company {
	t.Helper()
	c := &company{lab.New(t)}
	c.InstallProgram(t)
	c.UCR(t, "set", "server/role=domaincontroller_master")
	return c
}

// run runs a command on the mail server, which must succeed.
func (c *company) run(t *testing.T, argv ...string) lab.Result {
	t.Helper()
	result, err := c.Mail().Run(t.Context(), argv...)
	require.NoError(t, err)
	require.Zero(t, result.Code, "%q: %s%s", argv, result.Stdout, result.Stderr)
	return result
}

// harden runs ucs-harden. The exit status must be one of these, 0 when there are none.
func (c *company) harden(t *testing.T, arguments string, codes ...int) lab.Result {
	t.Helper()
	if len(codes) == 0 {
		codes = []int{0}
	}
	var result lab.Result
	c.WaitFor(t, "the lock", func() bool { // whoever watches the deadline may be at work
		const locked = 11
		require.NoError(t, c.BackdatePostfix())
		var err error
		result, err = c.Mail().Run(t.Context(), append([]string{"ucs-harden"}, strings.Fields(arguments)...)...)
		require.NoError(t, err)
		return result.Code != locked
	})
	require.Contains(t, codes, result.Code, "ucs-harden %s: %s%s", arguments, result.Stdout, result.Stderr)
	return result
}

// send begins to send a message with swaks and returns the reply that decides: to RCPT, or to AUTH where it fails. login is
// the SASL login name of a client on port 587; "" sends without one on port 25.
func (c *company) send(t *testing.T, from, login, sender, recipient string) string {
	t.Helper()
	require.NoError(t, c.BackdatePostfix())
	argv := []string{"swaks", "--server", lab.MailServer(from), "--from", sender, "--to", recipient, "--quit-after", "RCPT", "--timeout", "30"}
	if login != "" {
		uid, _, _ := strings.Cut(login, "@")
		argv = append(argv, "--port", "587", "--tls", "--auth", "PLAIN", "--auth-user", login, "--auth-password", "lab-"+uid)
	}
	result, err := c.Host(from).Run(t.Context(), argv...)
	require.NoError(t, err)
	var reply string
	for line := range strings.Lines(result.Stdout) {
		for _, mark := range []string{"<-  ", "<~  ", "<** ", "<~* "} {
			if rest, ok := strings.CutPrefix(line, mark); ok && !strings.HasPrefix(rest, "221") {
				reply = strings.TrimSpace(rest)
			}
		}
	}
	require.NotEmpty(t, reply, "%q: %s%s", argv, result.Stdout, result.Stderr)
	return reply
}

// ways are how boss can send, by login and by sender.
var ways = []struct{ from, login, sender string }{
	{"outside", "boss", "boss@company.my"},
	{"outside", "boss@company.my", "boss@company.my"},
	{"outside", "boss", "you@foreign.example"},
	{"inside", "", "boss@company.my"},
	{"mail", "", "boss@company.my"},
}

// mustBeStopped: boss is stopped by us in every way.
func (c *company) mustBeStopped(t *testing.T, when string) {
	t.Helper()
	for _, w := range ways {
		assert.Contains(t, c.send(t, w.from, w.login, w.sender, "clerk@company.local"), "#ucs-harden:suspended", "%s: %+v", when, w)
	}
}

// mustBeNobodyElse: others can send, and boss still receives.
func (c *company) mustBeNobodyElse(t *testing.T, when string) {
	t.Helper()
	assert.Contains(t, c.send(t, "outside", "employee", "employee@company.my", "clerk@company.local"), "250 ", when)
	assert.Contains(t, c.send(t, "mail", "", "you@foreign.example", "boss@company.my"), "250 ", "%s: it still receives", when)
}

// mustSend: boss can send again.
func (c *company) mustSend(t *testing.T, when string) {
	t.Helper()
	assert.Contains(t, c.send(t, "outside", "boss", "boss@company.my", "clerk@company.local"), "250 ", when)
}

// meaning is the registry, and what it is rendered to, without what may differ though it means the same.
func (c *company) meaning(t *testing.T) map[string]string {
	t.Helper()
	out := map[string]string{}
	for _, path := range []string{"/etc/univention/base.conf", "/etc/postfix/main.cf"} {
		content, err := c.Mail().ReadFile(path)
		require.NoError(t, err)
		lines := strings.Split(string(content), "\n")
		slices.Sort(lines)
		out[path] = strings.Join(lines, "\n")
	}
	for _, path := range []string{"/etc/postfix/ucs-harden", "/etc/postfix"} {
		entries, err := os.ReadDir(c.Path(path))
		require.NoError(t, err)
		for _, e := range entries {
			if strings.Contains(e.Name(), "harden") || strings.Contains(e.Name(), "custom_sender") || path != "/etc/postfix" {
				out[filepath.Join(path, e.Name())] = e.Type().String()
			}
		}
	}
	return out
}

// many are entries of the list, as lines of base.conf.
func many(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "mail/harden/suspended/account/old%d/account: old%d\n", i, i)
	}
	return b.String()
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
