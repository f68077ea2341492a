// Package smtpclient plays many short SMTP dialogues and reports every reply. It keeps one connection for each
// (server, port, TLS, login). Between two dialogues on it stands RSET, or EHLO with another name, which does the same
// (RFC 5321 section 4.1.4). It sends DATA only when a dialogue has a message.
//
// Dialogues and answers have a form as JSON, one in a line: see [Client.Serve]. The answer to the dialogue
//
//	{"server":"203.0.113.1","port":587,"tls":"starttls","login":"boss","password":"lab-boss",
//	 "mailFrom":"boss@company.my","rcptTo":["clerk@company.local"]}
//
// is
//
//	{"opened":[…the replies from greeting to AUTH, on a new connection…],
//	 "mail":{"code":250,"text":"2.1.0 Ok"},"rcpt":[{"code":250,"text":"2.1.5 Ok"}]}
package smtpclient

import (
	"bufio"
	"cmp"
	"context"
	"crypto/tls"
	"encoding/base64"
	"fmt"
	"net"
	"net/textproto"
	"strconv"
	"strings"
	"time"

	"ucs-harden/smtp"
)

// How a connection is encrypted.
const (
	Plain    = "none"
	StartTLS = "starttls"
	Implicit = "implicit"
)

// Dialogue is one try to hand in a message.
type Dialogue struct {
	Server   string   `json:"server"` // an address, not a name
	Port     int      `json:"port"`
	TLS      string   `json:"tls,omitempty"` // Plain (also ""), StartTLS or Implicit
	Login    string   `json:"login,omitempty"`
	Password string   `json:"password,omitempty"`
	Helo     string   `json:"helo,omitempty"`    // "" means the client's own
	MailFrom string   `json:"mailFrom"`          // without <>; "" is the empty sender
	Declare  string   `json:"declare,omitempty"` // parameters of MAIL, such as SMTPUTF8
	RcptTo   []string `json:"rcptTo"`            // without <>
	Data     string   `json:"data,omitempty"`    // the message; "" sends no DATA
}

// Reply is one SMTP reply, the lines of a longer one joined by "\n" (RFC 5321, 4.2). Code 0 means that none was given.
type Reply struct {
	Code int    `json:"code,omitempty"`
	Text string `json:"text,omitempty"`
}

// OK reports whether the server agrees (2xx or 3xx).
func (r Reply) OK() bool { return r.Code >= 200 && r.Code < 400 }

func (r Reply) String() string { return strings.TrimSpace(fmt.Sprintf("%03d %s", r.Code, r.Text)) }

// Answer is what the server replied.
type Answer struct {
	// Opened are the replies to greeting, EHLO, STARTTLS, EHLO and AUTH on a new connection. On an old one there is the
	// reply to EHLO when the name changed.
	Opened []Reply `json:"opened,omitempty"`
	Mail   Reply   `json:"mail"`
	Rcpt   []Reply `json:"rcpt,omitempty"`  // one for each recipient tried
	Data   Reply   `json:"data,omitzero"`   // to DATA when refused there, else to the final dot
	Err    string  `json:"error,omitempty"` // set by Serve: the dialogue could not be played
}

// Verdict is the reply that decides about the i-th recipient: the first refusal before RCPT, else the reply to RCPT.
func (a Answer) Verdict(i int) Reply {
	for _, r := range append(append([]Reply{}, a.Opened...), a.Mail) {
		if !r.OK() {
			return r
		}
	}
	if i < len(a.Rcpt) {
		return a.Rcpt[i]
	}
	return Reply{}
}

// Client plays dialogues one after another; it is not safe for use by several goroutines at once. An open connection
// keeps the smtpd that serves it, with the configuration that smtpd started with: use a new client after a change.
type Client struct {
	// Dial connects to an address; nil means from this machine.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
	TLS  *tls.Config // for StartTLS and Implicit
	Helo string      // the name in EHLO; "" means "client.invalid"
	// Timeout of one dialogue; 0 means 30 s.
	Timeout time.Duration

	open map[key]*session
}

type key struct {
	address, tls, login, password string
}

type session struct {
	conn *smtp.Conn
	helo string // the name that was said last
	used bool   // a dialogue was played, so the next one begins with RSET
}

// Play plays one dialogue. A refusal is no error; a connection that breaks is, unless it was an old one: then the
// dialogue is played again on a new one.
func (c *Client) Play(ctx context.Context, d Dialogue) (Answer, error) {
	k := c.key(d)
	_, old := c.open[k]
	a, err := c.play(ctx, k, d)
	if err != nil && old && ctx.Err() == nil {
		a, err = c.play(ctx, k, d)
	}
	if err != nil {
		return a, fmt.Errorf("cannot play SMTP with %s: %w", k.address, err)
	}
	return a, nil
}

// Close ends all connections.
func (c *Client) Close() {
	for k, s := range c.open {
		s.conn.Quit()
		delete(c.open, k)
	}
}

func (c *Client) key(d Dialogue) key {
	return key{net.JoinHostPort(d.Server, strconv.Itoa(d.Port)), cmp.Or(d.TLS, Plain), d.Login, d.Password}
}

func (c *Client) drop(k key) {
	if s, ok := c.open[k]; ok {
		_ = s.conn.Close()
		delete(c.open, k)
	}
}

func (c *Client) play(ctx context.Context, k key, d Dialogue) (a Answer, err error) {
	timeout := c.Timeout
	if timeout == 0 {
		timeout = 30 * time.Second
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	defer func() {
		if err != nil {
			c.drop(k)
		}
	}()
	s, ok := c.open[k]
	helo := cmp.Or(d.Helo, c.Helo, "client.invalid")
	if !ok {
		if s, a.Opened, err = c.connect(ctx, k, helo); err != nil || s == nil {
			return a, err
		}
		if c.open == nil {
			c.open = map[key]*session{}
		}
		c.open[k] = s
	}
	return a, s.transact(ctx, d, helo, &a)
}

// transact plays RSET or EHLO, MAIL, RCPT and, when there is a message and a recipient was accepted, DATA.
func (s *session) transact(ctx context.Context, d Dialogue, helo string, a *Answer) (err error) {
	switch {
	case s.helo != helo:
		said, err := s.ehlo(ctx, helo)
		a.Opened = append(a.Opened, said)
		if err != nil || !said.OK() {
			return err
		}
	case s.used:
		if _, err = s.command(ctx, "RSET"); err != nil {
			return err
		}
	}
	s.used = true
	a.Mail, err = s.command(ctx, strings.TrimSpace("MAIL FROM:<"+d.MailFrom+"> "+d.Declare))
	if err != nil || !a.Mail.OK() {
		return err
	}
	accepted := false
	for _, to := range d.RcptTo {
		r, err := s.command(ctx, "RCPT TO:<"+to+">")
		if err != nil {
			return err
		}
		a.Rcpt, accepted = append(a.Rcpt, r), accepted || r.OK()
	}
	if d.Data == "" || !accepted {
		return nil
	}
	if a.Data, err = s.command(ctx, "DATA"); err != nil || !a.Data.OK() {
		return err
	}
	stop := context.AfterFunc(ctx, func() { _ = s.conn.Close() }) // a write does not look at ctx
	defer stop()
	w := textproto.NewWriter(bufio.NewWriter(s.conn)).DotWriter()
	if _, err = w.Write([]byte(d.Data)); err != nil {
		return err
	}
	if err = w.Close(); err != nil {
		return err
	}
	a.Data, err = s.reply(ctx)
	return err
}

// connect opens a connection up to and including AUTH. Without a session and without an error the last reply is a
// refusal.
func (c *Client) connect(ctx context.Context, k key, helo string) (_ *session, replies []Reply, err error) {
	dial := c.Dial
	if dial == nil {
		dial = (&net.Dialer{}).DialContext
	}
	conn, err := dial(ctx, "tcp", k.address)
	if err != nil {
		return nil, nil, err
	}
	if k.tls == Implicit {
		conn = tls.Client(conn, c.TLS)
	}
	s := &session{conn: smtp.New(conn)}
	refused := false
	defer func() {
		if err != nil || refused {
			_ = s.conn.Close()
		}
	}()
	hello := func(ctx context.Context) (Reply, error) { return s.ehlo(ctx, helo) }
	steps := []func(context.Context) (Reply, error){s.reply, hello}
	if k.tls == StartTLS {
		startTLS := func(ctx context.Context) (Reply, error) { return told(s.conn.StartTLS(ctx, c.TLS)) }
		steps = append(steps, startTLS, hello)
	}
	if k.login != "" {
		steps = append(steps, func(ctx context.Context) (Reply, error) { return s.auth(ctx, k.login, k.password) })
	}
	for _, step := range steps {
		r, err := step(ctx)
		if err != nil {
			return nil, replies, err
		}
		replies = append(replies, r)
		if refused = !r.OK(); refused {
			return nil, replies, nil
		}
	}
	return s, replies, nil
}

func (s *session) ehlo(ctx context.Context, name string) (Reply, error) {
	s.helo = name
	return s.command(ctx, "EHLO "+name)
}

// auth is AUTH PLAIN (RFC 4616).
func (s *session) auth(ctx context.Context, login, password string) (Reply, error) {
	return s.command(ctx, "AUTH PLAIN "+base64.StdEncoding.EncodeToString([]byte("\x00"+login+"\x00"+password)))
}

func (s *session) command(ctx context.Context, line string) (Reply, error) {
	return told(s.conn.Ask(ctx, line))
}

func (s *session) reply(ctx context.Context) (Reply, error) { return told(s.conn.Reply(ctx)) }

// told is a reply in its form as JSON.
func told(r smtp.Reply, err error) (Reply, error) {
	return Reply{r.Code, strings.Join(r.Lines, "\n")}, err
}
