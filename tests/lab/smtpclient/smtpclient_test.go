package smtpclient

import (
	"bufio"
	"context"
	"io"
	"net"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// server answers each connection by a script: "-> line" is sent, "<- line" is expected. The end of a script closes
// the connection.
func server(t *testing.T, scripts ...string) func(context.Context, string, string) (net.Conn, error) {
	t.Helper()
	var playing sync.WaitGroup
	t.Cleanup(func() {
		playing.Wait()
		assert.Empty(t, scripts, "scripts without a connection")
	})
	return func(context.Context, string, string) (net.Conn, error) {
		require.NotEmpty(t, scripts, "one connection too many")
		script := scripts[0]
		scripts = scripts[1:]
		ours, theirs := net.Pipe()
		playing.Go(func() {
			defer theirs.Close()
			in := bufio.NewReader(theirs)
			for line := range strings.Lines(script) {
				line = strings.TrimSpace(line)
				if said, ok := strings.CutPrefix(line, "-> "); ok {
					_, _ = io.WriteString(theirs, said+"\r\n")
				} else if wanted, ok := strings.CutPrefix(line, "<-"); ok {
					got, _ := in.ReadString('\n')
					assert.Equal(t, strings.TrimPrefix(wanted, " "), strings.TrimRight(got, "\r\n"))
				}
			}
		})
		return ours, nil
	}
}

const hello = `
	-> 220 mail ESMTP
	<- EHLO client.invalid
	-> 250-mail
	-> 250 AUTH PLAIN
`

func TestEveryReplyIsReportedAndTheConnectionReused(t *testing.T) {
	c := Client{Dial: server(t, hello+`
		<- MAIL FROM:<a@x>
		-> 250 2.1.0 Ok
		<- RCPT TO:<b@y>
		-> 554 5.7.1 no
		<- RCPT TO:<c@y>
		-> 250 2.1.5 Ok
		<- RSET
		-> 250 2.0.0 Ok
		<- MAIL FROM:<>
		-> 550 5.7.1 not you
		<- QUIT
	`)}
	d := Dialogue{Server: "192.0.2.1", Port: 25, MailFrom: "a@x", RcptTo: []string{"b@y", "c@y"}}
	a, err := c.Play(t.Context(), d)
	require.NoError(t, err)
	assert.Equal(t, []Reply{{220, "mail ESMTP"}, {250, "mail\nAUTH PLAIN"}}, a.Opened)
	assert.Equal(t, Reply{554, "5.7.1 no"}, a.Verdict(0))
	assert.Equal(t, Reply{250, "2.1.5 Ok"}, a.Verdict(1))

	a, err = c.Play(t.Context(), Dialogue{Server: "192.0.2.1", Port: 25, RcptTo: []string{"b@y"}})
	require.NoError(t, err)
	assert.Empty(t, a.Opened)
	assert.Equal(t, Reply{550, "5.7.1 not you"}, a.Verdict(0))
	c.Close()
}

func TestAnotherNameIsSaidOnTheSameConnection(t *testing.T) {
	c := Client{Dial: server(t, hello+`
		<- MAIL FROM:<a@x>
		-> 250 Ok
		<- EHLO another
		-> 250 mail
		<- MAIL FROM:<ä@x> SMTPUTF8
		-> 250 Ok
		<- EHLO third
		-> 421 4.3.0 go away
		<- QUIT
	`)}
	d := Dialogue{Server: "192.0.2.1", Port: 25, MailFrom: "a@x"}
	_, err := c.Play(t.Context(), d)
	require.NoError(t, err)
	d.Helo, d.MailFrom, d.Declare = "another", "ä@x", "SMTPUTF8"
	a, err := c.Play(t.Context(), d)
	require.NoError(t, err)
	assert.Equal(t, []Reply{{250, "mail"}}, a.Opened)
	assert.Equal(t, Reply{250, "Ok"}, a.Mail)
	d.Helo = "third"
	a, err = c.Play(t.Context(), d)
	require.NoError(t, err)
	assert.Equal(t, Reply{421, "4.3.0 go away"}, a.Verdict(0))
	c.Close()
}

func TestAConnectionThatTheServerClosedIsOpenedAgain(t *testing.T) {
	c := Client{Dial: server(t, hello+`
		<- MAIL FROM:<a@x>
		-> 250 Ok
	`, hello+`
		<- MAIL FROM:<a@x>
		-> 250 Again
		<- QUIT
	`)}
	d := Dialogue{Server: "192.0.2.1", Port: 25, MailFrom: "a@x"}
	_, err := c.Play(t.Context(), d)
	require.NoError(t, err)
	a, err := c.Play(t.Context(), d)
	require.NoError(t, err)
	assert.Equal(t, Reply{250, "Again"}, a.Mail)
	c.Close()
}

func TestARefusedLoginEndsTheConnection(t *testing.T) {
	// \0boss\0secret
	c := Client{Dial: server(t, hello+`
		<- AUTH PLAIN AGJvc3MAc2VjcmV0
		-> 535 5.7.8 Error: authentication failed
	`)}
	a, err := c.Play(
		t.Context(),
		Dialogue{
			Server: "192.0.2.1", Port: 25, Login: "boss", Password: "secret", MailFrom: "a@x", RcptTo: []string{"b@y"},
		},
	)
	require.NoError(t, err)
	assert.Equal(t, 535, a.Verdict(0).Code)
	assert.Empty(t, c.open)
}

func TestABrokenFirstConnectionIsAnError(t *testing.T) {
	c := Client{Dial: server(t, "-> 220 mail ESMTP\n<- EHLO client.invalid\n")}
	_, err := c.Play(t.Context(), Dialogue{Server: "192.0.2.1", Port: 25})
	require.ErrorIs(t, err, io.EOF)
}

func TestAMessageIsSentOnlyWhenThereIsOneAndSomebodyGetsIt(t *testing.T) {
	c := Client{Dial: server(t, hello+`
		<- MAIL FROM:<a@x>
		-> 250 Ok
		<- RCPT TO:<b@y>
		-> 250 Ok
		<- DATA
		-> 354 go on
		<- Subject: dots
		<-
		<- ..
		<- .
		-> 250 2.0.0 Ok: queued
		<- RSET
		-> 250 Ok
		<- MAIL FROM:<a@x>
		-> 250 Ok
		<- RCPT TO:<b@y>
		-> 550 no
		<- QUIT
	`)}
	d := Dialogue{Server: "192.0.2.1", Port: 25, MailFrom: "a@x", RcptTo: []string{"b@y"}, Data: "Subject: dots\n\n.\n"}
	a, err := c.Play(t.Context(), d)
	require.NoError(t, err)
	assert.Equal(t, Reply{250, "2.0.0 Ok: queued"}, a.Data)
	a, err = c.Play(t.Context(), d)
	require.NoError(t, err)
	assert.Equal(t, Reply{}, a.Data)
	c.Close()
}

func TestServeAnswersEachLineByALine(t *testing.T) {
	c := Client{Dial: server(t, hello+`
		<- MAIL FROM:<a@x>
		-> 250 2.1.0 Ok
		<- RCPT TO:<b@y>
		-> 250 2.1.5 Ok
		<- QUIT
	`)}
	var out strings.Builder
	err := c.Serve(
		t.Context(), strings.NewReader(`{"server":"192.0.2.1","port":25,"mailFrom":"a@x","rcptTo":["b@y"]}`+"\n"), &out,
	)
	require.NoError(t, err)
	assert.Equal(
		t,
		`{"opened":[{"code":220,"text":"mail ESMTP"},{"code":250,"text":"mail\nAUTH PLAIN"}],"mail":{"code":250,"text":"2.1.0 Ok"},"rcpt":[{"code":250,"text":"2.1.5 Ok"}]}`+"\n",
		out.String(),
	)
	require.ErrorContains(
		t, c.Serve(t.Context(), strings.NewReader(`{"sever":"x"}`), io.Discard), "cannot read dialogue 1",
	)
}
