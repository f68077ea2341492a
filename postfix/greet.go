package postfix

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/textproto"
	"slices"
	"strings"
	"time"
)

// Greeting is how an SMTP server introduces itself.
type Greeting struct {
	// Banner is the text of the 220 greeting, lines joined by "\n".
	Banner string
	// Extensions are the lines after the first of the EHLO reply, as sent: "STARTTLS", "AUTH PLAIN LOGIN".
	Extensions []string
}

// Offers reports whether EHLO named an extension (RFC 5321 section 4.1.1.1), without regard to case.
func (g Greeting) Offers(extension string) bool {
	return slices.ContainsFunc(g.Extensions, func(line string) bool {
		name, _, _ := strings.Cut(line, " ")
		return strings.EqualFold(name, extension)
	})
}

// maxReplies bounds what is read from a server, in bytes.
const maxReplies = 64 << 10

// farewell is how long the answer to QUIT is waited for.
const farewell = 200 * time.Millisecond

// Greet connects to addr ("127.0.0.1:25"), with TLS from the start for port
// 465, and takes the greeting and the answer to EHLO. It succeeds only when a
// new smtpd(8) started with the present configuration or a running one
// answered. It waits as long as ctx allows.
func Greet(ctx context.Context, addr string, implicitTLS bool) (Greeting, error) {
	var g Greeting
	err := talk(ctx, addr, implicitTLS, func(s *session) (err error) {
		g, err = s.begin()
		return err
	})
	if err != nil {
		return Greeting{}, fmt.Errorf("cannot get a greeting from %s: %w", addr, err)
	}
	return g, nil
}

// Secure is Greet over a plain connection followed by STARTTLS (RFC 3207): it
// returns what EHLO says under TLS.
func Secure(ctx context.Context, addr string) (Greeting, error) {
	var g Greeting
	err := talk(ctx, addr, false, func(s *session) (err error) {
		if g, err = s.begin(); err != nil {
			return err
		}
		if _, err := s.ask(220, "STARTTLS"); err != nil {
			return err
		}
		secured := tls.Client(s.conn, ownServer)
		if err := secured.HandshakeContext(ctx); err != nil {
			return fmt.Errorf("TLS handshake: %w", err)
		}
		s.wrap(secured)
		g.Extensions, err = s.ehlo()
		return err
	})
	if err != nil {
		return Greeting{}, fmt.Errorf("cannot use STARTTLS with %s: %w", addr, err)
	}
	return g, nil
}

// Takes asks whether a message from the null sender (a bounce, RFC 5321 section
// 4.5.5) to this recipient would be taken, and sends none. It is nil when all
// replies are 2xx.
func Takes(ctx context.Context, addr string, implicitTLS bool, recipient string) error {
	err := talk(ctx, addr, implicitTLS, func(s *session) error {
		if _, err := s.begin(); err != nil {
			return err
		}
		for _, line := range []string{"MAIL FROM:<>", "RCPT TO:<" + recipient + ">", "RSET"} {
			if _, err := s.ask(2, line); err != nil {
				return fmt.Errorf("%s: %w", line, err)
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("cannot write to %s through %s: %w", recipient, addr, err)
	}
	return nil
}

// ownServer: on an address of this machine the question is whether our own
// server answers, not who it is, and its certificate names another host.
var ownServer = &tls.Config{InsecureSkipVerify: true}

// session is one connection.
type session struct {
	conn net.Conn
	text *textproto.Conn
}

func (s *session) wrap(conn net.Conn) {
	s.conn = conn
	s.text = textproto.NewConn(struct {
		io.Reader
		io.WriteCloser
	}{io.LimitReader(conn, maxReplies), conn})
}

// talk connects, lets do ask, and takes leave. Without QUIT the server would
// log a lost connection.
func talk(ctx context.Context, addr string, implicitTLS bool, do func(*session) error) error {
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", addr)
	if err != nil {
		return endOf(ctx, err)
	}
	defer conn.Close()
	stop := context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	s := &session{}
	s.wrap(conn)
	if implicitTLS {
		s.wrap(tls.Client(conn, ownServer))
	}
	err = do(s)
	if reply := new(textproto.Error); err == nil || errors.As(err, &reply) {
		_ = conn.SetReadDeadline(time.Now().Add(farewell))
		_, _ = s.ask(221, "QUIT") // its answer tells nothing more
	}
	return endOf(ctx, err)
}

// endOf says that it was the end of ctx, when the failed connection only shows
// that.
func endOf(ctx context.Context, err error) error {
	if err != nil && ctx.Err() != nil {
		return fmt.Errorf("%w (%w)", context.Cause(ctx), err)
	}
	return err
}

// begin takes the greeting and says EHLO.
func (s *session) begin() (g Greeting, err error) {
	if _, g.Banner, err = s.text.ReadResponse(220); err != nil {
		return g, fmt.Errorf("no 220 greeting: %w", err)
	}
	g.Extensions, err = s.ehlo()
	return g, err
}

func (s *session) ehlo() ([]string, error) {
	reply, err := s.ask(250, "EHLO localhost")
	if err != nil {
		return nil, fmt.Errorf("EHLO was refused: %w", err)
	}
	return strings.Split(reply, "\n")[1:], nil
}

// ask sends a line; the reply must have this code, or begin with it.
func (s *session) ask(code int, line string) (string, error) {
	if err := s.text.PrintfLine("%s", line); err != nil {
		return "", err
	}
	_, reply, err := s.text.ReadResponse(code)
	return reply, err
}
