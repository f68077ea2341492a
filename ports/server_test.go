package ports

import (
	"bufio"
	"crypto/tls"
	"fmt"
	"net"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// smtpServer is an SMTP server (RFC 5321) that answers as its fields say.
type smtpServer struct {
	greeting       string   // "" hangs up at once
	plain, secured []string // what EHLO names in the clear, and under TLS
	implicit       bool     // TLS from the start
	starttls       string   // the reply to STARTTLS; a handshake follows 220
	broken         bool     // but no TLS
	mail, rcpt     string   // replies
}

// goodServer offers what Postfix does with smtpd_tls_auth_only.
func goodServer() smtpServer {
	return smtpServer{
		greeting: "220 mail.company.my ESMTP", plain: []string{"PIPELINING", "STARTTLS"}, secured: []string{
			"PIPELINING", "AUTH PLAIN LOGIN",
		},
		starttls: "220 2.0.0 Ready to start TLS", mail: "250 2.1.0 Ok", rcpt: "250 2.1.5 Ok",
	}
}

// listen serves until the test ends, and says where.
func (s *smtpServer) listen(t *testing.T, mutex *sync.Mutex) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return // closed
			}
			mutex.Lock()
			now := *s
			mutex.Unlock()
			go now.serve(conn)
		}
	}()
	return listener.Addr().String()
}

func (s smtpServer) serve(conn net.Conn) {
	defer conn.Close()
	names := s.plain
	if s.implicit {
		conn, names = tls.Server(conn, serverTLS()), s.secured
	}
	if s.greeting == "" {
		return
	}
	reply := func(lines ...string) { _, _ = fmt.Fprintf(conn, "%s\r\n", strings.Join(lines, "\r\n")) }
	reply(s.greeting)
	lines := bufio.NewScanner(conn)
	for lines.Scan() {
		switch command, _, _ := strings.Cut(lines.Text(), " "); command {
		case "EHLO":
			all := []string{"250-mail.company.my"}
			for _, name := range names {
				all = append(all, "250-"+name)
			}
			reply(append(all, "250 8BITMIME")...)
		case "STARTTLS":
			reply(s.starttls)
			if s.broken {
				return
			}
			if strings.HasPrefix(s.starttls, "220") {
				conn, names = tls.Server(conn, serverTLS()), s.secured
				lines = bufio.NewScanner(conn)
			}
		case "MAIL":
			reply(s.mail)
		case "RCPT":
			reply(s.rcpt)
		case "QUIT":
			reply("221 2.0.0 Bye")
			return
		default:
			reply("250 2.0.0 Ok")
		}
	}
}

// serverTLS has a certificate that no client trusts.
var serverTLS = sync.OnceValue(func() *tls.Config {
	server := httptest.NewTLSServer(nil)
	defer server.Close()
	return &tls.Config{Certificates: server.TLS.Certificates}
})
