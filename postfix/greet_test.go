package postfix_test

import (
	"bufio"
	"context"
	"crypto/tls"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ucs-harden/postfix"
)

// peer plays a server: it sends the first answer at once and one more for each line it reads.
func peer(t *testing.T, listener net.Listener, answers ...string) {
	t.Helper()
	done := make(chan struct{})
	t.Cleanup(func() { listener.Close(); <-done })
	go func() {
		defer close(done)
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		defer conn.Close()
		lines := bufio.NewScanner(conn)
		for _, answer := range answers {
			if _, err := conn.Write([]byte(strings.ReplaceAll(answer, "\n", "\r\n"))); err != nil || !lines.Scan() {
				return
			}
		}
		lines.Scan() // wait for the other side to go
	}()
}

func listen(t *testing.T) net.Listener {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	return listener
}

func TestGreet(t *testing.T) {
	listener := listen(t)
	peer(t, listener, "220-mail.company.my waits\n220 mail.company.my ESMTP\n", "250-mail.company.my\n250-STARTTLS\n250-AUTH PLAIN LOGIN\n250 SIZE 1000\n", "221 bye\n")
	g, err := postfix.Greet(within(t, 10*time.Second), listener.Addr().String(), false)
	require.NoError(t, err)
	assert.Equal(t, postfix.Greeting{Banner: "mail.company.my waits\nmail.company.my ESMTP", Extensions: []string{"STARTTLS", "AUTH PLAIN LOGIN", "SIZE 1000"}}, g)
	assert.True(t, g.Offers("starttls"))
	assert.True(t, g.Offers("AUTH"))
	assert.False(t, g.Offers("AUTH PLAIN"))
}

func TestGreetWithImplicitTLS(t *testing.T) {
	listener := tls.NewListener(listen(t), &tls.Config{Certificates: []tls.Certificate{certificate(t)}})
	peer(t, listener, "220 mail.company.my ESMTP\n", "250-mail.company.my\n250 AUTH PLAIN\n", "221 bye\n")
	g, err := postfix.Greet(within(t, 10*time.Second), listener.Addr().String(), true)
	require.NoError(t, err)
	assert.Equal(t, []string{"AUTH PLAIN"}, g.Extensions)
}

func TestGreetFails(t *testing.T) {
	for name, tc := range map[string]struct {
		answers []string
		says    string
	}{
		"a server that refuses": {[]string{"421 4.3.2 All server ports are busy\n"}, "421"},
		"EHLO refused":          {[]string{"220 x\n", "502 no\n"}, "EHLO was refused: 502"},
		"no SMTP":               {[]string{"HTTP/1.1 400 Bad Request\n"}, "no 220 greeting"},
		"a line without end":    {[]string{"220 " + strings.Repeat("x", 100_000)}, "no 220 greeting"},
	} {
		t.Run(name, func(t *testing.T) {
			listener := listen(t)
			peer(t, listener, tc.answers...)
			_, err := postfix.Greet(within(t, 10*time.Second), listener.Addr().String(), false)
			assert.ErrorContains(t, err, tc.says)
		})
	}
	listener := listen(t)
	require.NoError(t, listener.Close())
	_, err := postfix.Greet(within(t, 10*time.Second), listener.Addr().String(), false)
	assert.ErrorContains(t, err, "connection refused")
}

// master(8) holds connections to a throttled service: they are accepted and silent.
func TestGreetEndsWithItsContext(t *testing.T) {
	for name, implicit := range map[string]bool{"plain": false, "TLS": true} {
		t.Run(name, func(t *testing.T) {
			listener := listen(t) // nobody accepts, so only the kernel does
			defer listener.Close()
			_, err := postfix.Greet(within(t, 50*time.Millisecond), listener.Addr().String(), implicit)
			assert.ErrorIs(t, err, context.DeadlineExceeded)
		})
	}
}
