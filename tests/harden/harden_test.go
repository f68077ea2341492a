package harden

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ucs-harden/plan"
	"ucs-harden/tests/lab"
	"ucs-harden/tests/lab/smtpclient"
)

const (
	// orderEnv makes the test binary the driven application.
	orderEnv = "UCS_HARDEN_DRIVE"
	// program is where it lies on the mail server.
	program = "/usr/local/bin/driven"
)

func TestMain(m *testing.M) {
	text, driven := os.LookupEnv(orderEnv)
	if !driven {
		os.Exit(m.Run())
	}
	var order Order
	err := json.Unmarshal([]byte(text), &order)
	if err == nil {
		err = Drive(context.Background(), order, os.Stdin, os.Stdout)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// company is a lab whose mail server has the templates of the package, but not its program.
type company struct{ *lab.Lab }

func newCompany(t *testing.T) company {
	t.Helper()
	c := company{lab.New(t)}
	c.InstallTemplates(t)
	self, err := os.Executable()
	require.NoError(t, err)
	content, err := os.ReadFile(self)
	require.NoError(t, err)
	require.NoError(t, c.Mail().WriteFile(program, content, 0o755))
	c.UCR(t, "set", "server/role=domaincontroller_master") // leaves base.conf.lock and .bak for good
	require.NoError(t, c.BackdatePostfix())
	return c
}

// driven is an application at work.
type driven struct {
	cmd    *exec.Cmd
	in     io.WriteCloser
	out    *bufio.Reader
	stderr *strings.Builder
}

func (c company) begin(t *testing.T, order Order) *driven {
	t.Helper()
	text, err := json.Marshal(order)
	require.NoError(t, err)
	require.NoError(t, c.BackdatePostfix())
	d := &driven{cmd: c.Mail().Command(t.Context(), "env", orderEnv+"="+string(text), program), stderr: &strings.Builder{}}
	d.cmd.Stderr = d.stderr
	d.in, err = d.cmd.StdinPipe()
	require.NoError(t, err)
	out, err := d.cmd.StdoutPipe()
	require.NoError(t, err)
	d.out = bufio.NewReader(out)
	require.NoError(t, d.cmd.Start())
	return d
}

// paused waits until the application waits for the last word.
func (d *driven) paused(t *testing.T) {
	t.Helper()
	line, err := d.out.ReadString('\n')
	require.NoError(t, err, d.stderr.String())
	require.Equal(t, "decide\n", line)
}

// end lets it go on, and returns what came of it.
func (d *driven) end(t *testing.T) Outcome {
	t.Helper()
	_, _ = d.in.Write([]byte("go on\n")) // nobody reads it who did not pause
	var o Outcome
	err := json.NewDecoder(d.out).Decode(&o)
	require.NoError(t, d.cmd.Wait(), d.stderr.String())
	require.NoError(t, err)
	return o
}

func (c company) drive(t *testing.T, order Order) Outcome {
	t.Helper()
	return c.begin(t, order).end(t)
}

// spoofed is what the server answers to a stranger who writes as the boss.
func (c company) spoofed(t *testing.T) int {
	t.Helper()
	client := c.SMTP(t, "outside")
	defer client.Close()
	answer, err := client.Play(t.Context(), smtpclient.Dialogue{
		Server: lab.MailServer("outside"), Port: 25, MailFrom: "boss@company.my", RcptTo: []string{"employee@company.my"},
	})
	require.NoError(t, err)
	return answer.Verdict(0).Code
}

func TestTheApplicationNeedsNoCommandLine(t *testing.T) {
	c := newCompany(t)
	_, err := c.Mail().ReadFile("/usr/bin/ucs-harden")
	require.ErrorIs(t, err, os.ErrNotExist, "there is no program to fall back on")
	before := c.Configuration(t)
	require.Equal(t, 250, c.spoofed(t))

	applied := c.drive(t, Order{Do: "apply", Mode: plan.Enforce})
	require.Empty(t, applied.Error)
	assert.True(t, applied.Changed)
	assert.Positive(t, applied.Planned, "planned")
	assert.Greater(t, applied.Cells, 100, "rehearsed")
	assert.Zero(t, applied.Wrong)
	assert.Equal(t, 554, c.spoofed(t), "applied")

	back := c.drive(t, Order{Do: "rollback"})
	require.Empty(t, back.Error)
	assert.Equal(t, applied.ID, back.ID)
	assert.Equal(t, 250, c.spoofed(t), "rolled back")
	assert.Empty(t, before.Diff(c.Configuration(t)))
}

// The last word about a plan is said when the plan was shown and rehearsed. What happens until then in the directory
// counts when it would make another plan, and not otherwise.
func TestTheDirectoryChangesBetweenPlanAndApply(t *testing.T) {
	c := newCompany(t)
	before := c.Configuration(t)
	const dc2 = "dn: cn=dc2,cn=dc,cn=computers,dc=company,dc=my\nchangetype: modify\n"

	late := c.begin(t, Order{Do: "apply", Mode: plan.Warn, Pause: true})
	late.paused(t)
	c.ChangeDirectory(t, dc2+"add: aRecord\naRecord: 10.99.1.12\n")
	o := late.end(t)
	assert.Contains(t, o.Error, "the plan is stale")
	assert.Contains(t, o.Error, "domain controller dc2.company.my")
	assert.Empty(t, before.Diff(c.Configuration(t)), "nothing was changed")

	harmless := c.begin(t, Order{Do: "apply", Mode: plan.Warn, Pause: true})
	harmless.paused(t)
	c.ChangeDirectory(t, dc2+"add: description\ndescription: the second one\n")
	c.ChangeDirectory(t, "dn: uid=employee,cn=users,dc=company,dc=my\nchangetype: modify\nadd: mailAlternativeAddress\nmailAlternativeAddress: e@company.my\n")
	o = harmless.end(t)
	assert.Empty(t, o.Error)
	assert.True(t, o.Changed)
}
