package smtp

import (
	"bufio"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"time"
)

// farewell is how long Quit waits for the reply.
const farewell = 200 * time.Millisecond

// Conn is a connection to an SMTP server. One goroutine at a time may use it.
type Conn struct {
	conn       net.Conn
	in         *bufio.Reader
	recording  bool
	transcript []string
}

// Dial connects to addr, "127.0.0.1:25". With a config, TLS begins with the first byte, as on port 465 (RFC 8314). The
// greeting is not read yet.
func Dial(ctx context.Context, addr string, config *tls.Config) (*Conn, error) {
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", addr)
	if err != nil {
		return nil, endOf(ctx, err)
	}
	if config != nil {
		conn = tls.Client(conn, config)
	}
	return New(conn), nil
}

// New speaks SMTP on a connection. The greeting is not read yet.
func New(conn net.Conn) *Conn { return &Conn{conn: conn, in: bufio.NewReader(conn)} }

// Reply reads the next reply: the greeting, or the one to a message that was written.
func (c *Conn) Reply(ctx context.Context) (Reply, error) {
	defer c.until(ctx)()
	r, err := readReply(c.in, func(line string) { c.record("S: ", line) })
	return r, endOf(ctx, err)
}

// Ask says one line and reads the reply. It refuses a line with a line break, which would be two commands.
func (c *Conn) Ask(ctx context.Context, line string) (Reply, error) {
	if strings.ContainsAny(line, "\r\n") {
		return Reply{}, fmt.Errorf("cannot say %q in SMTP: it contains a line break", line)
	}
	defer c.until(ctx)()
	c.record("C: ", line)
	if _, err := io.WriteString(c, line+"\r\n"); err != nil {
		return Reply{}, endOf(ctx, err)
	}
	return c.Reply(ctx)
}

// Write sends bytes as they are: a message after DATA.
func (c *Conn) Write(p []byte) (int, error) { return c.conn.Write(p) }

// StartTLS asks for TLS and, when the reply is 220, does the handshake (RFC 3207). EHLO has to be said again.
func (c *Conn) StartTLS(ctx context.Context, config *tls.Config) (Reply, error) {
	r, err := c.Ask(ctx, "STARTTLS")
	if err != nil || r.Code != 220 {
		return r, err
	}
	// Bytes that the server has sent behind its reply belong to the handshake. Plain text makes the handshake fail.
	// Read afterwards, plain text would pass for a reply under TLS.
	secured := tls.Client(&readAhead{c.conn, c.in}, config)
	if err := secured.HandshakeContext(ctx); err != nil {
		return r, endOf(ctx, fmt.Errorf("TLS handshake: %w", err))
	}
	c.conn, c.in = secured, bufio.NewReader(secured)
	return r, nil
}

// readAhead is a connection from which some bytes have been read already.
type readAhead struct {
	net.Conn
	in *bufio.Reader
}

func (r *readAhead) Read(p []byte) (int, error) { return r.in.Read(p) }

// Record begins a new transcript.
func (c *Conn) Record() { c.recording, c.transcript = true, nil }

// Transcript is every line since Record, with "C: " or "S: " in front; without Record there is none.
func (c *Conn) Transcript() []string { return slices.Clone(c.transcript) }

func (c *Conn) record(who, line string) {
	if c.recording {
		c.transcript = append(c.transcript, who+line)
	}
}

// Quit says QUIT, waits a moment for the reply and closes the connection. Without QUIT the server logs a lost
// connection.
func (c *Conn) Quit() {
	ctx, cancel := context.WithTimeout(context.Background(), farewell)
	defer cancel()
	_, _ = c.Ask(ctx, "QUIT")
	_ = c.Close()
}

// Close closes the connection.
func (c *Conn) Close() error { return c.conn.Close() }

// until makes every read and write fail as soon as the context ends. stop undoes that.
func (c *Conn) until(ctx context.Context) (stop func() bool) {
	_ = c.conn.SetDeadline(time.Time{})
	return context.AfterFunc(ctx, func() { _ = c.conn.SetDeadline(time.Unix(1, 0)) })
}

// endOf names the cause when the connection failed because ctx ended.
func endOf(ctx context.Context, err error) error {
	if err != nil && ctx.Err() != nil {
		return fmt.Errorf("%w (%w)", context.Cause(ctx), err)
	}
	return err
}
