// Package evidence_test shows the evidence with real mail. Machines of the lab write for eight days in mode warn: a
// printer, mail servers that the directory lacks, a newsletter provider, a mailing list, people who log in and write as
// somebody else, forgers. Then the report has to count what was sent, say of each group what it is, and print commands.
// The test runs these as they are printed. After that the gate lets enforce in, the wanted mail passes, and the forgers
// are refused.
//
// The days pass within seconds: the lines of the log are real, and the test gives them other stamps (days_test.go). The
// program that applies mode warn has the clock of the first day.
package evidence_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"ucs-harden/evidence"
	"ucs-harden/tests/lab"
)

// company is a lab whose mail server has ucs-harden.
type company struct{ *lab.Lab }

func newCompany(t *testing.T) company {
	t.Helper()
	c := company{lab.New(t)}
	c.InstallProgram(t, "-tags=faults") // its clock can be set
	c.UCR(t, "set", "server/role=domaincontroller_master")
	return c
}

// at runs ucs-harden at a time.
func (c company) at(t *testing.T, now time.Time, arguments ...string) lab.Result {
	t.Helper()
	return c.run(t, append([]string{"env", "UCS_HARDEN_CLOCK=" + now.Format(time.RFC3339), "ucs-harden"}, arguments...)...)
}

// run runs a command on the mail server.
func (c company) run(t *testing.T, argv ...string) lab.Result {
	t.Helper()
	require.NoError(t, c.BackdatePostfix())
	result, err := c.Mail().Run(t.Context(), argv...)
	require.NoError(t, err)
	return result
}

// must runs a command of which the exit code has to be 0.
func (c company) must(t *testing.T, argv ...string) string {
	t.Helper()
	result := c.run(t, argv...)
	require.Zero(t, result.Code, "%q: %s%s", argv, result.Stdout, result.Stderr)
	return result.Stdout
}

// report is what ucs-harden reports. Its exit code is 2 while a group is open.
func (c company) report(t *testing.T, options ...string) *evidence.Report {
	t.Helper()
	result := c.run(t, append([]string{"ucs-harden", "report", "--json", "--spf"}, options...)...)
	require.Contains(t, []int{0, 2}, result.Code, result.Stdout+result.Stderr)
	var r evidence.Report
	require.NoError(t, json.Unmarshal([]byte(result.Stdout), &r), result.Stdout)
	return &r
}

// groups are the groups of a report by their ID.
func groups(r *evidence.Report) map[string]evidence.Group {
	out := map[string]evidence.Group{}
	for _, g := range r.Groups {
		out[g.ID] = g
	}
	return out
}

// logged waits until the log has all lines of what happened, and returns it. The last line is one of its own.
func (c company) logged(t *testing.T) string {
	t.Helper()
	c.WaitFor(t, "an empty queue", func() bool { return c.run(t, "postqueue", "-j").Stdout == "" })
	mark := "until " + time.Now().Format(time.RFC3339Nano)
	c.must(t, "logger", "--tag", "lab", "--priority", "mail.info", mark)
	var log string
	c.WaitFor(t, "the end of the log", func() bool {
		log = c.MailLog()
		return strings.Contains(log, mark+"\n")
	})
	return log
}
