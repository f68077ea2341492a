package ports

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
)

// within bounds a step that should be quick.
func within(t *testing.T, d time.Duration) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), d)
	t.Cleanup(cancel)
	return ctx
}

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
	peer(
		t, listener, "220-mail.company.my waits\n220 mail.company.my ESMTP\n",
		"250-mail.company.my\n250-STARTTLS\n250-AUTH PLAIN LOGIN\n250 SIZE 1000\n", "221 bye\n",
	)
	hello, err := greet(within(t, 10*time.Second), listener.Addr().String(), false)
	require.NoError(t, err)
	assert.Equal(t, []string{"STARTTLS", "AUTH PLAIN LOGIN", "SIZE 1000"}, hello.Extensions())
}

func TestGreetWithImplicitTLS(t *testing.T) {
	listener := tls.NewListener(listen(t), serverTLS())
	peer(t, listener, "220 mail.company.my ESMTP\n", "250-mail.company.my\n250 AUTH PLAIN\n", "221 bye\n")
	hello, err := greet(within(t, 10*time.Second), listener.Addr().String(), true)
	require.NoError(t, err)
	assert.Equal(t, []string{"AUTH PLAIN"}, hello.Extensions())
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
			_, err := greet(within(t, 10*time.Second), listener.Addr().String(), false)
			assert.ErrorContains(t, err, tc.says)
		})
	}
	listener := listen(t)
	require.NoError(t, listener.Close())
	_, err := greet(within(t, 10*time.Second), listener.Addr().String(), false)
	assert.ErrorContains(t, err, "connection refused")
}

// master(8) holds connections to a throttled service: they are accepted and silent.
func TestGreetEndsWithItsContext(t *testing.T) {
	for name, implicit := range map[string]bool{"plain": false, "TLS": true} {
		t.Run(name, func(t *testing.T) {
			listener := listen(t) // nobody accepts, so only the kernel does
			defer listener.Close()
			_, err := greet(within(t, 50*time.Millisecond), listener.Addr().String(), implicit)
			assert.ErrorIs(t, err, context.DeadlineExceeded)
		})
	}
}

func TestTakes(t *testing.T) {
	for sentence, c := range map[string]struct {
		answers []string
		says    string
	}{
		"all is 2xx": {
			[]string{"220 x\n", "250 x\n", "250 ok\n", "252 perhaps\n", "250 ok\n", "221 bye\n"}, "",
		},
		"the sender is refused": {[]string{"220 x\n", "250 x\n", "550 no\n"}, "MAIL FROM:<>: 550"},
		"the recipient is refused": {
			[]string{"220 x\n", "250 x\n", "250 ok\n", "451 4.3.5 Server configuration error\n"},
			"RCPT TO:<postmaster>: 451",
		},
		"it does not want to greet": {[]string{"554 no\n"}, "no 220 greeting"},
	} {
		t.Run(sentence, func(t *testing.T) {
			listener := listen(t)
			peer(t, listener, c.answers...)
			err := takes(within(t, 10*time.Second), listener.Addr().String(), false, "postmaster")
			if c.says == "" {
				require.NoError(t, err)
				return
			}
			assert.ErrorContains(t, err, c.says)
			assert.ErrorContains(t, err, "cannot write to postmaster through 127.0.0.1:")
		})
	}
	listener := tls.NewListener(listen(t), serverTLS())
	peer(t, listener, "220 x\n", "250 x\n", "250 ok\n", "250 ok\n", "250 ok\n", "221 bye\n")
	require.NoError(t, takes(within(t, 10*time.Second), listener.Addr().String(), true, "postmaster"))
}

func TestSecureFails(t *testing.T) {
	for sentence, c := range map[string]struct {
		answers []string
		says    string
	}{
		"it has no TLS":            {[]string{"220 x\n", "250 x\n", "454 4.7.0 TLS not available\n"}, "454"},
		"it talks on in the clear": {[]string{"220 x\n", "250 x\n", "220 go on\n500 what?\n"}, "TLS handshake: "},
	} {
		t.Run(sentence, func(t *testing.T) {
			listener := listen(t)
			peer(t, listener, c.answers...)
			_, err := secure(within(t, 10*time.Second), listener.Addr().String())
			assert.ErrorContains(t, err, c.says)
			assert.ErrorContains(t, err, "cannot use STARTTLS with 127.0.0.1:")
		})
	}
}
