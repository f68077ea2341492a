package evidence_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ucs-harden/tests/lab"
	"ucs-harden/tests/lab/smtpclient"
)

// list is a mailing list at lists.example that sends every message on as it came, to boss, who is on the list, with the
// envelope sender of the author.
type list struct{ taken string }

// list starts the mail server of the list, until the test ends.
func (c company) list(t *testing.T) *list {
	t.Helper()
	const taken = "/srv/list"
	host := c.Host("mx")
	made, err := host.Run(t.Context(), "install", "-d", "-o", "postfix", taken)
	require.NoError(t, err)
	require.Zero(t, made.Code, made.Stderr)
	address := lab.Address("lists").String() + ":25"
	sink := host.Command(t.Context(), "smtp-sink", "-u", "postfix", "-h", "lists.example", "-d", taken+"/", address, "100")
	require.NoError(t, sink.Start())
	t.Cleanup(func() {
		_ = sink.Cancel()
		_ = sink.Wait() // it was killed
	})
	c.WaitFor(t, "the list's mail server", func() bool {
		conn, err := host.Dial(t.Context(), "tcp", address)
		if err == nil {
			_ = conn.Close()
		}
		return err == nil
	})
	return &list{host.Path(taken)}
}

// discuss lets employee write messages to the list, which brings them back to boss.
func (l *list) discuss(t *testing.T, c company, name string, messages int) {
	t.Helper()
	author := scene{what: "to the list", from: "outside", login: "employee", senders: returning.senders, to: "talk@lists.example", perDay: messages}
	require.Equal(t, 250, c.play(t, []scene{author}, name+".list")[author.what].Code)
	var files []string
	c.WaitFor(t, "the messages at the list", func() bool {
		var err error
		files, err = filepath.Glob(l.taken + "/*")
		require.NoError(t, err)
		return len(files) == messages && c.run(t, "postqueue", "-j").Stdout == ""
	})
	client := c.SMTP(t, returning.from)
	for _, path := range files {
		content, err := os.ReadFile(path)
		require.NoError(t, err)
		require.Contains(t, string(content), fmt.Sprintf("Message-ID: <%s.list.", name))
		answer, err := client.Play(context.WithoutCancel(t.Context()), smtpclient.Dialogue{
			Server: lab.MailServer(returning.from), Port: 25, MailFrom: returning.senders[0], RcptTo: []string{returning.to}, Data: string(content),
		})
		require.NoError(t, err)
		assert.Equal(t, 250, answer.Data.Code, answer)
		require.NoError(t, os.Remove(path))
	}
}
