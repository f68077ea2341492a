package postfix

import (
	"context"
	"crypto/tls"
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

// Greet connects to addr ("127.0.0.1:25"), with TLS from the start for port
// 465, and takes the greeting and the answer to EHLO. It succeeds only when a
// new smtpd(8) started with the present configuration or a running one
// answered. It waits as long as ctx allows.
func Greet(ctx context.Context, addr string, implicitTLS bool) (Greeting, error) {
	g, err := greet(ctx, addr, implicitTLS)
	if err != nil {
		// The closed connection is only how the end of ctx shows.
		if ctx.Err() != nil {
			err = fmt.Errorf("%w (%w)", context.Cause(ctx), err)
		}
		return Greeting{}, fmt.Errorf("cannot get a greeting from %s: %w", addr, err)
	}
	return g, nil
}

func greet(ctx context.Context, addr string, implicitTLS bool) (Greeting, error) {
	plain, err := new(net.Dialer).DialContext(ctx, "tcp", addr)
	if err != nil {
		return Greeting{}, err
	}
	defer plain.Close()
	stop := context.AfterFunc(ctx, func() { _ = plain.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	conn := plain
	if implicitTLS {
		// Our own server on an address of this machine: whether it answers is
		// the question, not who it is, and its certificate names another host.
		conn = tls.Client(plain, &tls.Config{InsecureSkipVerify: true})
	}
	text := textproto.NewConn(struct {
		io.Reader
		io.WriteCloser
	}{io.LimitReader(conn, maxReplies), conn})
	var g Greeting
	if _, g.Banner, err = text.ReadResponse(220); err != nil {
		return Greeting{}, fmt.Errorf("no 220 greeting: %w", err)
	}
	if err := text.PrintfLine("EHLO localhost"); err != nil {
		return Greeting{}, err
	}
	_, reply, err := text.ReadResponse(250)
	if err != nil {
		return Greeting{}, fmt.Errorf("EHLO was refused: %w", err)
	}
	g.Extensions = strings.Split(reply, "\n")[1:]
	// Without QUIT the server would log a lost connection. Its answer tells nothing more.
	if text.PrintfLine("QUIT") == nil {
		_, _, _ = text.ReadResponse(221)
	}
	return g, nil
}
