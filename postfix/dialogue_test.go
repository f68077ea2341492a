package postfix_test

import (
	"crypto/tls"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ucs-harden/postfix"
)

func TestTakes(t *testing.T) {
	for sentence, c := range map[string]struct {
		answers []string
		says    string
	}{
		"all is 2xx":                {[]string{"220 x\n", "250 x\n", "250 ok\n", "252 perhaps\n", "250 ok\n", "221 bye\n"}, ""},
		"the sender is refused":     {[]string{"220 x\n", "250 x\n", "550 no\n"}, "MAIL FROM:<>: 550"},
		"the recipient is refused":  {[]string{"220 x\n", "250 x\n", "250 ok\n", "451 4.3.5 Server configuration error\n"}, "RCPT TO:<postmaster>: 451"},
		"it does not want to greet": {[]string{"554 no\n"}, "no 220 greeting"},
	} {
		t.Run(sentence, func(t *testing.T) {
			listener := listen(t)
			peer(t, listener, c.answers...)
			err := postfix.Takes(within(t, 10*time.Second), listener.Addr().String(), false, "postmaster")
			if c.says == "" {
				require.NoError(t, err)
				return
			}
			assert.ErrorContains(t, err, c.says)
			assert.ErrorContains(t, err, "cannot write to postmaster through 127.0.0.1:")
		})
	}
	listener := tls.NewListener(listen(t), &tls.Config{Certificates: []tls.Certificate{certificate(t)}})
	peer(t, listener, "220 x\n", "250 x\n", "250 ok\n", "250 ok\n", "250 ok\n", "221 bye\n")
	require.NoError(t, postfix.Takes(within(t, 10*time.Second), listener.Addr().String(), true, "postmaster"))
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
			_, err := postfix.Secure(within(t, 10*time.Second), listener.Addr().String())
			assert.ErrorContains(t, err, c.says)
			assert.ErrorContains(t, err, "cannot use STARTTLS with 127.0.0.1:")
		})
	}
}
