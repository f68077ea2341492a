package table

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"ucs-harden/tests/lab"
)

// Company is a lab whose mail server has ucs-harden as the package installs it.
type Company struct{ *lab.Lab }

// NewCompany brings up a company for one test, on UCS 5.2 or with the options of a lab.
func NewCompany(t *testing.T, options ...lab.Options) Company {
	t.Helper()
	c := Company{lab.New(t, options...)}
	c.InstallProgram(t)
	// The first `ucr set` creates base.conf.lock and base.conf.bak, which stay. An installed server has had it.
	c.UCR(t, "set", "server/role=domaincontroller_master")
	require.NoError(t, c.BackdatePostfix())
	return c
}

// Harden runs the program and returns its output. The exit code must be one of codes, or 0 when there are none. After a
// command that may reload Postfix, it waits until Postfix has settled.
func (c Company) Harden(t *testing.T, arguments string, codes ...int) string {
	t.Helper()
	result, err := c.Mail().Run(t.Context(), append([]string{"ucs-harden"}, strings.Fields(arguments)...)...)
	require.NoError(t, err)
	if codes == nil {
		codes = []int{0}
	}
	require.True(t, slices.Contains(codes, result.Code), "ucs-harden %s: exit code %d\n%s%s", arguments, result.Code, result.Stdout, result.Stderr)
	if reloads.MatchString(arguments) {
		c.Settled(t)
	}
	return result.Stdout
}

var reloads = regexp.MustCompile(`^(apply|rollback|recover|sync)\b|--now`)

// Postconf is the value of a main.cf parameter as Postfix reads it.
func (c Company) Postconf(t *testing.T, parameter string) string {
	t.Helper()
	require.NoError(t, c.BackdatePostfix())
	result, err := c.Mail().Run(t.Context(), "postconf", "-h", parameter)
	require.NoError(t, err)
	require.Zero(t, result.Code, result.Stderr)
	return strings.TrimSpace(result.Stdout)
}

// List is a restriction list as Postfix reads it. Commas separate its restrictions, and a restriction in {…} may
// contain further commas (postconf(5)).
func (c Company) List(t *testing.T, parameter string) []string {
	t.Helper()
	var list []string
	depth, begin, text := 0, 0, c.Postconf(t, parameter)
	for i, r := range text {
		switch {
		case r == '{':
			depth++
		case r == '}':
			depth--
		case r == ',' && depth == 0:
			list, begin = append(list, strings.TrimSpace(text[begin:i])), i+1
		}
	}
	return append(list, strings.TrimSpace(text[begin:]))
}

// Snapshot records the files that a rollback must restore.
func (c Company) Snapshot(t *testing.T) lab.Snapshot {
	t.Helper()
	s, err := c.Lab.Snapshot("/etc/postfix", "/etc/univention")
	require.NoError(t, err)
	return s
}

var helo = regexp.MustCompile(` helo=<(\S+)>$`)

// LogSince returns the lines of mail.log about recipients, by the name in EHLO, from the position begin on. LogSince
// logs a line of its own and waits for it, so that all earlier lines are written.
func (c Company) LogSince(t *testing.T, begin int) map[string][]string {
	t.Helper()
	mark := fmt.Sprintf("end of what began at %d", begin)
	result, err := c.Mail().Run(t.Context(), "logger", "--priority", "mail.info", mark)
	require.NoError(t, err)
	require.Zero(t, result.Code, result.Stderr)
	var since string
	c.WaitFor(t, "the end of the log", func() bool {
		since = c.MailLog()[begin:]
		return strings.Contains(since, mark+"\n")
	})
	lines := map[string][]string{}
	for line := range strings.Lines(since) {
		line = strings.TrimSpace(line)
		if m := helo.FindStringSubmatch(line); m != nil {
			lines[m[1]] = append(lines[m[1]], line)
		}
	}
	return lines
}
