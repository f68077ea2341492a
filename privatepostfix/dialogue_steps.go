package privatepostfix

import (
	"context"
	"fmt"
	"io"
	"net/netip"
	"strings"
)

// play plays one dialogue and leaves the connection ready for the next.
func (c *conn) play(ctx context.Context, d Dialogue, number int) (Reply, error) {
	c.Record()
	var last Reply
	for _, step := range []struct{ at, say string }{
		{AtXclient, xclient(d, number)},
		{AtEhlo, "EHLO " + d.Helo},
		{AtMail, "MAIL FROM:<" + d.Sender + ">"},
		{AtRcpt, "RCPT TO:<" + d.Recipient + ">"},
		{AtData, "DATA"},
		{AtEnd, "."},
	} {
		if err := ctx.Err(); err != nil {
			return Reply{}, err
		}
		if step.at == AtEnd {
			if _, err := io.WriteString(c, message); err != nil {
				return Reply{}, err
			}
		}
		r, err := c.ask(ctx, step.say)
		if err != nil {
			return Reply{}, err
		}
		last = Reply{Code: r.Code, Enhanced: r.Enhanced(), Text: r.Text(), At: step.at}
		if step.at == AtXclient && r.Code == 501 {
			// The syntax is right, so smtpd(8) refuses the protocol of the address (inet_protocols).
			last = Reply{Text: "the server does not speak the protocol of this address", At: AtConnect}
		}
		if !r.Positive() && r.Code != goAhead {
			break
		}
	}
	last.Transcript = c.Transcript()
	last.forget(d.Client, number)
	if last.At == AtEnd && last.Accepted() {
		return last, nil // the transaction is over
	}
	// A server that refuses the client refuses RSET too, and 421 is the end of the connection (RFC 5321 section 3.8).
	// The reply of the dialogue is valid all the same.
	r, err := c.ask(ctx, "RSET")
	c.spent = err != nil || r.Code != 250
	return last, nil
}

// message is what stands between DATA and the final dot. It goes to nobody.
const message = "Subject: test message\r\n\r\nA rehearsal of ucs-harden; nobody gets this.\r\n"

// goAhead is the reply to DATA of a server that waits for the message (RFC 5321 section 4.1.1.4).
const goAhead = 354

// queued stands before the name that a message has in the queue.
const queued = ": queued as "

// forget removes the number of the dialogue where the reply names the client, and the name in the queue.
func (r *Reply) forget(client netip.Addr, number int) {
	named := fmt.Sprintf("[%s]:%d", client.Unmap(), number)
	nameless := strings.NewReplacer(named, named[:strings.LastIndexByte(named, ':')])
	plain := func(text string) string {
		if before, _, named := strings.Cut(text, queued); named {
			text = before + strings.TrimSuffix(queued, " as ")
		}
		return nameless.Replace(text)
	}
	r.Text = plain(r.Text)
	for n, line := range r.Transcript {
		r.Transcript[n] = plain(line)
	}
}

const unavailable = "[UNAVAILABLE]"

// xclient is the command that says who the client is, see XCLIENT_README.
func xclient(d Dialogue, number int) string {
	name, login := unavailable, unavailable
	if d.ClientName != "" {
		name = xtext(d.ClientName)
	}
	if d.Login != "" {
		login = xtext(d.Login)
	}
	return fmt.Sprintf("XCLIENT NAME=%s REVERSE_NAME=%s ADDR=%s PORT=%d LOGIN=%s",
		name, name, xclientAddr(d.Client), number, login)
}

func xclientAddr(a netip.Addr) string {
	if a = a.Unmap().WithZone(""); a.Is6() {
		return "IPV6:" + a.String()
	}
	return a.String()
}

// xtext encodes an attribute value as RFC 3461 section 4 says.
func xtext(s string) string {
	var out strings.Builder
	for _, c := range []byte(s) {
		if c < '!' || c > '~' || c == '+' || c == '=' {
			fmt.Fprintf(&out, "+%02X", c)
		} else {
			out.WriteByte(c)
		}
	}
	return out.String()
}
