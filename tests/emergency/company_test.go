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
	// UCR 5.2 would refuse some values of the situations by their descriptions, if it checked types.
	c.UCR(t, "set", "server/role=domaincontroller_master", "ucr/check/type=no")
	return c
}

// harden runs ucs-harden. The exit status must be one of these, 0 when there are none.
func (c *company) harden(t *testing.T, arguments string, codes ...int) lab.Result {
	t.Helper()
	if len(codes) == 0 {
		codes = []int{0}
	}
	result := c.Harden(t, arguments)
	require.Contains(t, codes, result.Code, "ucs-harden %s: %s%s", arguments, result.Stdout, result.Stderr)
	return result
}

// send begins to send a message and returns the reply that decides. login is the SASL login name of a client on port 587; ""
// sends without one on port 25.
func (c *company) send(t *testing.T, from, login, sender, recipient string) string {
	t.Helper()
	argv := []string{"--from", sender, "--to", recipient}
	if login != "" {
		argv = append(argv, lab.SwaksLogin(login)...)
	}
	return c.Swaks(t, from, argv...)
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
