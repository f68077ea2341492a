package verdicts_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"ucs-harden/tests/lab"
)

// company is a lab whose mail server has ucs-harden, as the package installs it.
type company struct{ *lab.Lab }

func newCompany(t *testing.T) company {
	t.Helper()
	c := company{lab.New(t)}
	c.InstallProgram(t)
	// The first `ucr set` leaves base.conf.lock and .bak for good; a server that was installed has seen it.
	c.UCR(t, "set", "server/role=domaincontroller_master")
	require.NoError(t, c.BackdatePostfix())
	return c
}

// harden runs the program and returns what it printed. The exit code must be one of these, or 0 when none is named.
func (c company) harden(t *testing.T, arguments string, codes ...int) string {
	t.Helper()
	result, err := c.Mail().Run(t.Context(), append([]string{"ucs-harden"}, strings.Fields(arguments)...)...)
	require.NoError(t, err)
	if codes == nil {
		codes = []int{0}
	}
	require.True(t, slices.Contains(codes, result.Code), "ucs-harden %s: exit code %d\n%s%s", arguments, result.Code, result.Stdout, result.Stderr)
	return result.Stdout
}

// postconf is the value of a main.cf parameter as Postfix reads it.
func (c company) postconf(t *testing.T, parameter string) string {
	t.Helper()
	require.NoError(t, c.BackdatePostfix())
	result, err := c.Mail().Run(t.Context(), "postconf", "-h", parameter)
	require.NoError(t, err)
	require.Zero(t, result.Code, result.Stderr)
	return strings.TrimSpace(result.Stdout)
}

// snapshot is what a rollback must bring back.
func (c company) snapshot(t *testing.T) lab.Snapshot {
	t.Helper()
	s, err := c.Snapshot("/etc/postfix", "/etc/univention")
	require.NoError(t, err)
	return s
}
