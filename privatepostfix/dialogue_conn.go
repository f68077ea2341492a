package privatepostfix

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"net/textproto"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"ucs-harden/internal/lazyregexp"
)

// answerTimeout is how long the server may take for one answer.
const answerTimeout = 60 * time.Second

// pool keeps the connections to one port that are open and greeted.
type pool struct {
	addr string
	mu   sync.Mutex
	idle []*conn
}

// conn is a connection to the private Postfix, on which one dialogue follows another.
type conn struct {
	net.Conn
	text *textproto.Reader
	// spent: no further dialogue can be played.
	spent bool
	// transcript of the present dialogue.
	transcript []string
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
		c.close()
	}
	p.idle = nil
}

// dial connects as soon as master(8) listens and takes the greeting. Only the
// context ends the wait: who waits also watches the log. Until our master has
// the port somebody else may have it for a moment, and reset the connection.
func (p *pool) dial(ctx context.Context) (*conn, error) {
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for {
		raw, err := new(net.Dialer).DialContext(ctx, "tcp", p.addr)
		if err == nil {
			var c *conn
			if c, err = greeted(ctx, raw); !errors.Is(err, syscall.ECONNRESET) {
				return c, err
			}
		}
		select {
		case <-ctx.Done():
			return nil, err
		case <-tick.C:
		}
	}
}

func greeted(ctx context.Context, raw net.Conn) (*conn, error) {
	c := &conn{Conn: raw, text: textproto.NewReader(bufio.NewReader(raw))}
	stop := context.AfterFunc(ctx, func() { _ = raw.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	r, err := c.answer()
	if err == nil && r.Code != 220 {
		err = fmt.Errorf("the greeting is %s", r)
	}
	if err != nil {
		c.close()
		return nil, err
	}
	return c, nil
}

// close says goodbye: a connection that only ends leaves a line in the log.
func (c *conn) close() {
	_ = c.SetDeadline(time.Now().Add(time.Second))
	_, _ = c.Write([]byte("QUIT\r\n"))
	_ = c.Close()
}

// ask says one line and returns the answer.
func (c *conn) ask(line string) (Reply, error) {
	c.transcript = append(c.transcript, "C: "+line)
	_ = c.SetDeadline(time.Now().Add(answerTimeout))
	if _, err := c.Write([]byte(line + "\r\n")); err != nil {
		return Reply{}, err
	}
	return c.answer()
}

var enhanced = lazyregexp.New(`^[245]\.\d{1,3}\.\d{1,3}$`)

// answer reads a reply of one or more lines, RFC 5321 section 4.2.1.
func (c *conn) answer() (Reply, error) {
	var r Reply
	var text []string
	for {
		line, err := c.text.ReadLine()
		if err != nil {
			return r, err
		}
		c.transcript = append(c.transcript, "S: "+line)
		code, err := strconv.Atoi(line[:min(3, len(line))])
		if err != nil || code < 200 || code > 599 || r.Code != 0 && code != r.Code {
			return r, fmt.Errorf("%q is no SMTP reply", line)
		}
		r.Code = code
		rest := ""
		if len(line) > 4 {
			rest = line[4:]
		}
		if first, more, _ := strings.Cut(rest, " "); enhanced.MatchString(first) {
			r.Enhanced, rest = first, more
		}
		text = append(text, rest)
		if len(line) < 4 || line[3] != '-' {
			r.Text = strings.Join(text, " ")
			return r, nil
		}
	}
}

// startTLS asks for TLS, after which nothing more can be said.
func (c *conn) startTLS(ctx context.Context) (Reply, error) {
	stop := context.AfterFunc(ctx, func() { _ = c.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	if r, err := c.ask("EHLO localhost"); err != nil || r.Code != 250 {
		return r, err
	}
	return c.ask("STARTTLS")
}
