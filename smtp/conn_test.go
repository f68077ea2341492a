package smtp

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"io"
	"net"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// peer is a server that follows a script: it sends a line after "-> ", expects one after "<- ", and begins TLS at
// "tls". The end of the script closes the connection.
func peer(t *testing.T, script string) net.Conn {
	t.Helper()
	ours, theirs := net.Pipe()
	var playing sync.WaitGroup
	t.Cleanup(func() {
		_ = ours.Close()
		playing.Wait()
	})
	playing.Go(func() {
		conn, in := theirs, bufio.NewReader(theirs)
		defer theirs.Close()
		for line := range strings.Lines(script) {
			line = strings.TrimSpace(line)
			if said, ok := strings.CutPrefix(line, "-> "); ok {
				_, _ = io.WriteString(conn, strings.ReplaceAll(said, `\n`, "\r\n")+"\r\n")
			} else if wanted, ok := strings.CutPrefix(line, "<- "); ok {
				got, _ := in.ReadString('\n')
				assert.Equal(t, wanted, strings.TrimRight(got, "\r\n"))
			} else if line == "tls" {
				conn = tls.Server(conn, serverTLS())
				in = bufio.NewReader(conn)
			}
		}
	})
	return ours
}

// serverTLS has a certificate that no client trusts.
var serverTLS = sync.OnceValue(func() *tls.Config {
	server := httptest.NewTLSServer(nil)
	defer server.Close()
	return &tls.Config{Certificates: server.TLS.Certificates}
})

var anyServer = &tls.Config{InsecureSkipVerify: true}

func within(t *testing.T, d time.Duration) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeoutCause(t.Context(), d, errLimit)
	t.Cleanup(cancel)
	return ctx
}

type limit struct{}

func (limit) Error() string { return "the limit of the test" }

var errLimit = limit{}

func TestADialogue(t *testing.T) {
	ctx := within(t, 10*time.Second)
	c := New(peer(t, `
		-> 220 mail.company.my ESMTP
		<- EHLO localhost
		-> 250-mail.company.my
		-> 250 STARTTLS
		<- STARTTLS
		-> 220 2.0.0 Ready
		tls
		<- EHLO localhost
		-> 250-mail.company.my
		-> 250 AUTH PLAIN
		<- MAIL FROM:<>
		-> 550 5.7.1 no
		<- QUIT
		-> 221 2.0.0 Bye
	`))
	r, err := c.Reply(ctx)
	require.NoError(t, err)
	assert.Equal(t, Reply{220, []string{"mail.company.my ESMTP"}}, r)
	r, err = c.Ask(ctx, "EHLO localhost")
	require.NoError(t, err)
	assert.True(t, r.Offers("STARTTLS"))
	assert.Empty(t, c.Transcript(), "nobody wants one")
	c.Record()
	r, err = c.StartTLS(ctx, anyServer)
	require.NoError(t, err)
	assert.Equal(t, "220 2.0.0 Ready", r.String())
	r, err = c.Ask(ctx, "EHLO localhost")
	require.NoError(t, err)
	assert.Equal(t, []string{"AUTH PLAIN"}, r.Extensions())
	assert.Equal(t, []string{
		"C: STARTTLS", "S: 220 2.0.0 Ready", "C: EHLO localhost", "S: 250-mail.company.my", "S: 250 AUTH PLAIN",
	}, c.Transcript())
	c.Record()
	r, err = c.Ask(ctx, "MAIL FROM:<>")
	require.NoError(t, err, "a refusal is a reply")
	assert.Equal(t, 550, r.Code)
	c.Quit()
	assert.Equal(t, []string{"C: MAIL FROM:<>", "S: 550 5.7.1 no", "C: QUIT", "S: 221 2.0.0 Bye"}, c.Transcript())
	_, err = c.Ask(ctx, "NOOP")
	require.Error(t, err, "it is closed")
}

func TestALineBreakInACommandIsNotSaid(t *testing.T) {
	c := New(peer(t, `<- RSET
		-> 250 2.0.0 Ok`))
	for _, line := range []string{"MAIL FROM:<a>\r\nDATA", "MAIL FROM:<a>\nDATA", "MAIL FROM:<a>\r"} {
		_, err := c.Ask(t.Context(), line)
		assert.ErrorContains(t, err, "line break")
	}
	r, err := c.Ask(within(t, 10*time.Second), "RSET")
	require.NoError(t, err)
	assert.Equal(t, 250, r.Code)
}

func TestStartTLSFails(t *testing.T) {
	t.Run("it is refused", func(t *testing.T) {
		c := New(peer(t, "<- STARTTLS\n-> 454 4.7.0 TLS not available\n<- RSET\n-> 250 2.0.0 Ok"))
		r, err := c.StartTLS(within(t, 10*time.Second), anyServer)
		require.NoError(t, err)
		assert.Equal(t, "454 4.7.0 TLS not available", r.String())
		_, err = c.Ask(t.Context(), "RSET")
		require.NoError(t, err, "the connection goes on in the clear")
	})
	// A reply in the clear must not pass for one under TLS: CVE-2011-0411, in the other direction.
	t.Run("something in the clear follows", func(t *testing.T) {
		c := New(peer(t, `<- STARTTLS
			-> 220 2.0.0 Ready\n250-mail.evil.example\n250 AUTH PLAIN
			tls`))
		_, err := c.StartTLS(within(t, 10*time.Second), anyServer)
		assert.ErrorContains(t, err, "TLS handshake: ")
	})
	t.Run("the certificate is another's", func(t *testing.T) {
		c := New(peer(t, "<- STARTTLS\n-> 220 2.0.0 Ready\ntls\n<- "))
		_, err := c.StartTLS(
			within(t, 10*time.Second), &tls.Config{ServerName: "mail.company.my", RootCAs: x509.NewCertPool()},
		)
		assert.ErrorContains(t, err, "TLS handshake: ")
	})
}

func TestTheEndOfTheConnection(t *testing.T) {
	c := New(peer(t, "-> 220 mail ESMTP\n<- EHLO x\n"))
	_, err := c.Reply(t.Context())
	require.NoError(t, err)
	_, err = c.Ask(t.Context(), "EHLO x")
	assert.ErrorIs(t, err, io.EOF)
}

func TestDial(t *testing.T) {
	for name, config := range map[string]*tls.Config{"plain": nil, "TLS": anyServer} {
		t.Run(name, func(t *testing.T) {
			listener, err := net.Listen("tcp", "127.0.0.1:0")
			require.NoError(t, err)
			served := listener
			if config != nil {
				served = tls.NewListener(listener, serverTLS())
			}
			var serving sync.WaitGroup
			serving.Go(func() {
				conn, err := served.Accept()
				if err == nil {
					_, err = io.WriteString(conn, "220 mail.company.my ESMTP\r\n")
					_, _ = io.Copy(io.Discard, conn)
					_ = conn.Close()
				}
				assert.NoError(t, err)
			})
			ctx := within(t, 10*time.Second)
			c, err := Dial(ctx, listener.Addr().String(), config)
			require.NoError(t, err)
			r, err := c.Reply(ctx)
			require.NoError(t, err)
			assert.Equal(t, "220 mail.company.my ESMTP", r.String())
			require.NoError(t, c.Close())
			serving.Wait()

			require.NoError(t, listener.Close())
			_, err = Dial(ctx, listener.Addr().String(), config)
			assert.ErrorContains(t, err, "connection refused")
		})
	}
}

// master(8) holds connections to a throttled service: the kernel accepts them and nobody speaks.
func TestTheEndOfTheContextEndsTheWait(t *testing.T) {
	for name, config := range map[string]*tls.Config{"plain": nil, "TLS": anyServer} {
		t.Run(name, func(t *testing.T) {
			listener, err := net.Listen("tcp", "127.0.0.1:0")
			require.NoError(t, err)
			defer listener.Close()
			ctx := within(t, 50*time.Millisecond)
			c, err := Dial(t.Context(), listener.Addr().String(), config)
			require.NoError(t, err)
			_, err = c.Reply(ctx)
			assert.ErrorIs(t, err, errLimit)
			_, err = c.Ask(ctx, "NOOP")
			assert.ErrorIs(t, err, errLimit, "a context that has ended says nothing more")
			c.Quit() // must not wait for ever either
		})
	}
	t.Run("another context may go on", func(t *testing.T) {
		c := New(peer(t, "<- NOOP\n-> 250 2.0.0 Ok"))
		ctx := within(t, 10*time.Millisecond)
		_, err := c.Reply(ctx)
		assert.ErrorIs(t, err, errLimit)
		r, err := c.Ask(t.Context(), "NOOP")
		require.NoError(t, err)
		assert.Equal(t, 250, r.Code)
	})
}
