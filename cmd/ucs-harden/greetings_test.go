package main

import (
	"bufio"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"math/big"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ucs-harden/plan"
	"ucs-harden/transaction"
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
		greeting: "220 mail.company.my ESMTP", plain: []string{"PIPELINING", "STARTTLS"}, secured: []string{"PIPELINING", "AUTH PLAIN LOGIN"},
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

var serverTLS = sync.OnceValue(func() *tls.Config {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), DNSNames: []string{"mail.company.my"}, NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		panic(err)
	}
	return &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}
})

const submissionEntry = "submission/inet"

// TestVerify looks at a server, changes it, and looks again.
func TestVerify(t *testing.T) {
	expect := func(options ...string) plan.Expectation {
		entry := map[string]string{}
		for _, o := range options {
			name, value, _ := strings.Cut(o, "=")
			entry[name] = value
		}
		return plan.Expectation{Master: map[string]map[string]string{submissionEntry: entry}}
	}
	for sentence, c := range map[string]struct {
		before  func(s *smtpServer) // nil: a good server
		change  func(s *smtpServer, d *door)
		options map[string]string // the -o overrides before
		want    plan.Expectation
		says    string // "" when all is well
	}{
		"nothing changes":              {},
		"nothing, and all is expected": {want: expect("smtpd_tls_security_level=encrypt", "smtpd_sasl_auth_enable=yes")},
		"it hangs up":                  {change: func(s *smtpServer, _ *door) { s.greeting = "" }, says: "greeted before and does not now: cannot get a greeting from"},
		"it is busy":                   {change: func(s *smtpServer, _ *door) { s.greeting = "421 4.3.2 Too busy" }, says: "421"},
		"STARTTLS is not named":        {change: func(s *smtpServer, _ *door) { s.plain = nil }, says: "offered STARTTLS before and does not now: EHLO does not name it"},
		"STARTTLS is refused": {
			change: func(s *smtpServer, _ *door) { s.starttls = "454 4.7.0 TLS not available due to local problem" },
			says:   "offered STARTTLS before and does not now: cannot use STARTTLS with",
		},
		"TLS fails": {change: func(s *smtpServer, _ *door) { s.broken = true }, says: "offered STARTTLS before"},
		"TLS failed before": {
			before: func(s *smtpServer) { s.broken = true },
		},
		"TLS failed before, and is expected": {
			before: func(s *smtpServer) { s.broken = true }, want: expect("smtpd_tls_security_level=encrypt"), says: "does not offer STARTTLS, which it shall",
		},
		"AUTH goes": {change: func(s *smtpServer, _ *door) { s.secured = nil }, says: "offered AUTH before and does not now"},
		"AUTH moves behind TLS": {
			before: func(s *smtpServer) { s.plain = append(s.plain, "AUTH PLAIN") }, change: func(s *smtpServer, _ *door) { s.plain = []string{"STARTTLS"} },
		},
		"AUTH goes because the change takes it away": {
			options: map[string]string{"smtpd_sasl_auth_enable": "yes"},
			change:  func(s *smtpServer, d *door) { s.secured = nil; d.Options = nil },
		},
		"AUTH was never there, and is expected": {
			before: func(s *smtpServer) { s.secured = nil }, want: expect("smtpd_sasl_auth_enable=yes"), says: "does not offer AUTH, which it shall",
		},
		"TLS from the start where STARTTLS was": {
			change: func(s *smtpServer, d *door) {
				s.implicit, d.implicitTLS = true, true
				d.Options = map[string]string{"smtpd_tls_wrappermode": "yes"}
			},
			want: expect("smtpd_tls_wrappermode=yes", "smtpd_sasl_auth_enable=yes"),
		},
		"TLS from the start is expected, and there is none": {
			change: func(_ *smtpServer, d *door) { d.implicitTLS = true }, want: expect("smtpd_tls_wrappermode=yes"), says: "greeted before and does not now",
		},
		"postmaster is refused": {
			change: func(s *smtpServer, _ *door) { s.rcpt = "451 4.3.5 Server configuration error" },
			says:   "took mail for postmaster before and does not now: cannot write to postmaster through",
		},
		"the null sender is refused": {change: func(s *smtpServer, _ *door) { s.mail = "550 5.7.1 no" }, says: "MAIL FROM:<>: 550 "},
		"postmaster was refused before": {
			before: func(s *smtpServer) { s.rcpt = "550 5.1.1 who?" },
		},
	} {
		t.Run(sentence, func(t *testing.T) {
			server := goodServer()
			if c.before != nil {
				c.before(&server)
			}
			var mutex sync.Mutex
			d := door{relay: true}
			d.Service, d.Addr, d.Options = submissionEntry, server.listen(t, &mutex), c.options
			before := greetings(t.Context(), []door{d})
			require.Len(t, before, 1)
			if c.change != nil {
				mutex.Lock()
				c.change(&server, &d)
				mutex.Unlock()
			}
			err := verify(t.Context(), []door{d}, before, c.want)
			if c.says == "" {
				require.NoError(t, err)
				return
			}
			require.ErrorContains(t, err, c.says)
			assert.ErrorContains(t, err, "port "+d.name()+" ", "it must say which port")
			assert.LessOrEqual(t, strings.Count(err.Error(), "cannot "), 1, "a chain: %s", err)
		})
	}
}

func TestWhatAPortShows(t *testing.T) {
	server, silent := goodServer(), smtpServer{}
	var mutex sync.Mutex
	a := door{Port: transaction.Port{Service: "smtp/inet", Addr: server.listen(t, &mutex)}, relay: true}
	b := door{Port: transaction.Port{Service: submissionEntry, Addr: server.listen(t, &mutex)}}
	gone := door{Port: transaction.Port{Service: "smtps/inet", Addr: silent.listen(t, &mutex)}}
	assert.Equal(t, []transaction.Port{
		{Service: "smtp/inet", Addr: a.Addr, STARTTLS: true, AUTH: true, Postmaster: true},
		{Service: submissionEntry, Addr: b.Addr, STARTTLS: true, AUTH: true},
	}, greetings(t.Context(), []door{a, gone, b}))
}

// A port that was silent counts when the plan expects something of it, and one
// that master.cf has lost is missed.
func TestVerifyOtherPorts(t *testing.T) {
	good, silent := goodServer(), smtpServer{}
	var mutex sync.Mutex
	a := door{Port: transaction.Port{Service: "smtp/inet", Addr: good.listen(t, &mutex)}}
	b := door{Port: transaction.Port{Service: submissionEntry, Addr: silent.listen(t, &mutex)}}
	before := greetings(t.Context(), []door{a, b})
	require.NoError(t, verify(t.Context(), []door{a, b}, before, plan.Expectation{}))
	err := verify(t.Context(), []door{a, b}, before, plan.Expectation{Master: map[string]map[string]string{submissionEntry: {"syslog_name": "x"}}})
	require.ErrorContains(t, err, "(submission) does not greet: ")
	err = verify(t.Context(), []door{b}, before, plan.Expectation{})
	require.ErrorContains(t, err, "(smtp) greeted before, and master.cf does not name it any more")
}
