package emergency_test

import (
	"bufio"
	"crypto/tls"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ucs-harden/tests/lab"
)

// change is the part of the JSON output of suspend add and remove that the tests look at.
type change struct {
	Stopped struct {
		Lifted   bool
		Still    []string
		Untested string
		Sessions []struct {
			PID, Port int
			Login     string
		}
		Unnamed      int `json:"unnamed_sessions"`
		Queued, Held int
	}
}

func (c *company) suspend(t *testing.T, arguments string, codes ...int) (out change) {
	t.Helper()
	result := c.harden(t, "suspend "+arguments+" --now --json", codes...)
	require.NoError(t, json.Unmarshal([]byte(result.Stdout), &out), result.Stdout)
	return out
}

// TestWhatTheAccountHasBegun: a session that was open before can go on, and messages are in the queue. Both are said.
func TestWhatTheAccountHasBegun(t *testing.T) {
	t.Parallel()
	c := newCompany(t)
	session := c.login(t, "boss")
	other := c.login(t, "employee")
	quiet, err := c.Host("outside").Dial(t.Context(), "tcp", lab.MailServer("outside")+":25")
	require.NoError(t, err)
	defer quiet.Close()
	_, err = bufio.NewReader(quiet).ReadString('\n') // the greeting: an smtpd has it
	require.NoError(t, err)

	c.Must(t, "postconf", "-e", "defer_transports = smtp lmtp virtual local")
	c.ReloadPostfix(t)
	letter := func(login, sender string) {
		uid, _, _ := strings.Cut(login, "@")
		argv := []string{"swaks", "--server", "127.0.0.1", "--port", "587", "--tls", "--auth-user", login, "--auth-password", "lab-" + uid,
			"--from", sender, "--to", "you@foreign.example"}
		if login == "" {
			argv = []string{"swaks", "--server", "127.0.0.1", "--from", sender, "--to", "you@foreign.example"}
		}
		require.NoError(t, c.BackdatePostfix())
		c.Must(t, argv...)
	}
	letter("boss", "somebody@foreign.example")
	letter("boss@company.my", "boss@company.my")
	letter("", "chief@company.my")
	letter("employee", "boss@company.my") // not from boss
	letter("employee", "employee@company.my")

	out := c.suspend(t, "add boss")
	assert.Empty(t, out.Stopped.Still)
	if assert.Len(t, out.Stopped.Sessions, 1, "%+v", out) {
		assert.Equal(t, "boss", out.Stopped.Sessions[0].Login)
		assert.Equal(t, 587, out.Stopped.Sessions[0].Port)
	}
	assert.Positive(t, out.Stopped.Unnamed, "the quiet session has no login")
	assert.Equal(t, 3, out.Stopped.Queued)
	assert.Zero(t, out.Stopped.Held)
	require.Contains(t, session.letter("boss@company.my"), "250", "the old session goes on, which is why it is told")
	require.Contains(t, other.letter("employee@company.my"), "250")

	said := c.harden(t, "suspend add boss --now").Stdout
	assert.Contains(t, said, "1 open session of boss, begun before: it can still send there until the session ends. To end it: kill ")
	assert.Contains(t, said, "3 messages of boss in the queue. To hold what is there: ucs-harden suspend add boss --now --hold-queue\n")
	said = c.harden(t, "suspend add boss --now --hold-queue").Stdout
	assert.Contains(t, said, "3 messages of boss on hold. postsuper -H releases, postsuper -d deletes a message.\n")
	held := c.Must(t, "sh", "-c", "postqueue -j | grep -c '\"hold\"'")
	assert.Equal(t, "3", strings.TrimSpace(held))
	c.Must(t, "kill", fmt.Sprint(out.Stopped.Sessions[0].PID))
	c.WaitFor(t, "the session to end", func() bool { return len(c.suspend(t, "add boss").Stopped.Sessions) == 0 })
}

// client is an SMTP session in which somebody has logged in and begun a message. Its first message makes smtpd(8) log who
// has logged in.
type client struct {
	t     *testing.T
	conn  net.Conn
	lines *bufio.Reader
}

func (c *company) login(t *testing.T, uid string) *client {
	t.Helper()
	smtp := c.SMTP(t, "outside")
	config := smtp.TLS.Clone()
	config.ServerName = "mail.company.my"
	conn, err := c.Host("outside").Dial(t.Context(), "tcp", lab.MailServer("outside")+":587")
	require.NoError(t, err)
	t.Cleanup(func() { _ = conn.Close() })
	s := &client{t, conn, bufio.NewReader(conn)}
	s.reply()
	s.say("EHLO outside")
	require.Contains(t, s.say("STARTTLS"), "220")
	secure := tls.Client(conn, config)
	s.conn, s.lines = secure, bufio.NewReader(secure)
	s.say("EHLO outside")
	plain := base64.StdEncoding.EncodeToString([]byte("\x00" + uid + "\x00lab-" + uid))
	require.Contains(t, s.say("AUTH PLAIN "+plain), "235")
	require.Contains(t, s.letter(uid+"@company.my"), "250")
	return s
}

// letter begins a message up to its recipient, and takes it back.
func (s *client) letter(sender string) string {
	s.say("MAIL FROM:<" + sender + ">")
	reply := s.say("RCPT TO:<clerk@company.local>")
	s.say("RSET")
	return reply
}

func (s *client) say(command string) string {
	s.t.Helper()
	_, err := fmt.Fprintf(s.conn, "%s\r\n", command)
	require.NoError(s.t, err)
	return s.reply()
}

func (s *client) reply() string {
	s.t.Helper()
	for {
		line, err := s.lines.ReadString('\n')
		require.NoError(s.t, err)
		if len(line) > 3 && line[3] == ' ' {
			return strings.TrimSpace(line)
		}
	}
}

// TestWhatIsNotStopped: where the account cannot be stopped, or can still send, that is said, with exit status 1.
func TestWhatIsNotStopped(t *testing.T) {
	t.Parallel()
	c := newCompany(t)
	t.Run("an smtpd for a filter on loopback is no way to send", func(t *testing.T) {
		require.NoError(t, c.Mail().WriteFile("/etc/postfix/master.cf.local", []byte(
			"127.0.0.1:10025 inet n - n - - smtpd -o smtpd_recipient_restrictions=permit_mynetworks,reject\n"), 0o644))
		c.Must(t, "ucr", "commit", "/etc/postfix/master.cf")
		c.ReloadPostfix(t)
		assert.Contains(t, c.harden(t, "suspend add boss --now").Stdout, "boss is stopped now.\n  by login")
		c.harden(t, "suspend remove boss --now")
	})
	t.Run("a further smtpd has restrictions of its own", func(t *testing.T) {
		require.NoError(t, c.Mail().WriteFile("/etc/postfix/master.cf.local", []byte(
			"2525 inet n - n - - smtpd -o smtpd_recipient_restrictions=permit_mynetworks,permit_sasl_authenticated,reject -o smtpd_sasl_auth_enable=yes\n"), 0o644))
		c.Must(t, "ucr", "commit", "/etc/postfix/master.cf")
		defer func() {
			c.Must(t, "rm", "/etc/postfix/master.cf.local")
			c.Must(t, "ucr", "commit", "/etc/postfix/master.cf")
			c.ReloadPostfix(t)
		}()
		c.ReloadPostfix(t)
		result := c.harden(t, "suspend add boss --now", 1)
		assert.Contains(t, result.Stderr, "error: boss can STILL send: port 2525 logged in as boss (250 ")
		assert.NotContains(t, result.Stdout, "is stopped now")
		c.mustBeStopped(t, "at the ports of UCS")
		c.harden(t, "suspend remove boss --now")
	})
	t.Run("main.cf cannot be written", func(t *testing.T) {
		c.Must(t, "chattr", "+i", "/etc/postfix/main.cf")
		defer c.harden(t, "suspend remove boss --now")
		defer c.Must(t, "chattr", "-i", "/etc/postfix/main.cf")
		result := c.harden(t, "suspend add boss --now", 1)
		assert.Contains(t, result.Stderr, "error: boss can STILL send: cannot write /etc/postfix/main.cf: it is immutable")
		assert.Contains(t, result.Stderr, "postfix stop")
		c.mustSend(t, "it says so")
	})
	t.Run("the directory marks the account, too", func(t *testing.T) {
		c.UCR(t, "set", "mail/harden/suspended/mode=enforce")
		c.harden(t, "suspend add leaver --now")
		result := c.harden(t, "sync")
		assert.Empty(t, result.Stderr)
		assert.Contains(t, c.harden(t, "suspend remove leaver --now").Stdout, "leaver still can NOT send: ")
	})
}

// TestAStopWaitsForTheLock: another ucs-harden that is changing the server is waited for.
func TestAStopWaitsForTheLock(t *testing.T) {
	t.Parallel()
	c := newCompany(t)
	said := c.Must(t, "sh", "-c", "flock /run/ucs-harden.lock sleep 2 & sleep 0.5; ucs-harden suspend add boss --now; wait")
	assert.Contains(t, said, "boss is stopped now.\n")
	c.mustBeStopped(t, "after the wait")
	c.mustBeNobodyElse(t, "after the wait")
}
