package lab

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"strconv"
	"syscall"
	"testing"
	"time"
)

// Settled waits until Postfix serves two clients at the same time on each of its three ports, or on other ports. After
// a reload an smtpd(8) that master(8) had started before may take one more client; as long as that client stays,
// master(8) starts no other smtpd(8) for the next one, which waits for its greeting. So a test that keeps several
// connections must not begin at once.
func (l *Lab) Settled(t testing.TB, ports ...int) {
	t.Helper()
	if ports == nil {
		ports = []int{25, 465, 587}
	}
	for _, port := range ports {
		l.WaitFor(t, "two greetings on port "+strconv.Itoa(port), func() bool { return l.servesTwo(t.Context(), port) })
	}
}

// servesTwo reports whether two clients are greeted who both stay. Where nobody listens, or the first is not greeted,
// the service is down, and there is nothing to wait for.
func (l *Lab) servesTwo(ctx context.Context, port int) bool {
	for n := range 2 {
		conn, err := l.Mail().Dial(ctx, "tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
		if err != nil {
			return errors.Is(err, syscall.ECONNREFUSED)
		}
		defer conn.Close()
		_ = conn.SetDeadline(time.Now().Add(2 * time.Second))
		if port == 465 {
			conn = tls.Client(conn, &tls.Config{InsecureSkipVerify: true}) // only the greeting counts
		}
		if _, err := conn.Read(make([]byte, 512)); err != nil {
			return n == 0
		}
	}
	return true
}
