package privatepostfix

import (
	"context"
	"fmt"
	"net"
	"sync"
	"time"

	"ucs-harden/smtp"
)

// answerTimeout is how long the server may take for one reply.
const answerTimeout = 60 * time.Second

// pool keeps the connections to one service that are open and have greeted.
type pool struct {
	socket string
	mu     sync.Mutex
	idle   []*conn
}

// conn is a connection to the private Postfix, on which one dialogue follows another.
type conn struct {
	*smtp.Conn
	// spent: no further dialogue can be played on the connection.
	spent bool
}

// get returns an open connection, or a new one.
func (p *pool) get(ctx context.Context) (*conn, error) {
	p.mu.Lock()
	if n := len(p.idle); n > 0 {
		c := p.idle[n-1]
		p.idle = p.idle[:n-1]
		p.mu.Unlock()
		return c, nil
	}
	p.mu.Unlock()
	return p.dial(ctx)
}

func (p *pool) put(c *conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.idle = append(p.idle, c)
}

func (p *pool) closeAll() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range p.idle {
		c.Quit()
	}
	p.idle = nil
}

// dial connects as soon as master(8) listens, and takes the greeting. Only the context ends the wait: the caller also
// watches the log.
func (p *pool) dial(ctx context.Context) (*conn, error) {
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for {
		raw, err := new(net.Dialer).DialContext(ctx, "unix", p.socket)
		if err == nil {
			return greeted(ctx, smtp.New(raw))
		}
		select {
		case <-ctx.Done():
			return nil, err
		case <-tick.C:
		}
	}
}

func greeted(ctx context.Context, raw *smtp.Conn) (*conn, error) {
	r, err := raw.Reply(ctx)
	if err == nil && r.Code != 220 {
		err = fmt.Errorf("the greeting is %s", r)
	}
	if err != nil {
		_ = raw.Close()
		return nil, err
	}
	return &conn{Conn: raw}, nil
}

// ask says one line and returns the reply.
func (c *conn) ask(ctx context.Context, line string) (smtp.Reply, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, answerTimeout, fmt.Errorf("no answer within %s", answerTimeout))
	defer cancel()
	return c.Ask(ctx, line)
}

// startTLS says STARTTLS without the handshake. Nothing more can be said afterwards.
func (c *conn) startTLS(ctx context.Context) (smtp.Reply, error) {
	if r, err := c.ask(ctx, "EHLO localhost"); err != nil || r.Code != 250 {
		return r, err
	}
	return c.ask(ctx, "STARTTLS")
}
