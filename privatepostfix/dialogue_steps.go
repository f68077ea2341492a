package privatepostfix

import (
	"context"
	"fmt"
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
	} {
		if err := ctx.Err(); err != nil {
			return Reply{}, err
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
		if !r.Positive() {
			break
		}
	}
	last.Transcript = c.Transcript()
	last.forget(d.Client, number)
	// A server that refuses the client refuses RSET too, and 421 is the end of the connection (RFC 5321 section 3.8).
	// The reply of the dialogue is valid all the same.
	r, err := c.ask(ctx, "RSET")
	c.spent = err != nil || r.Code != 250
	return last, nil
}

// forget removes the number of the dialogue where the reply names the client.
func (r *Reply) forget(client netip.Addr, number int) {
	named := fmt.Sprintf("[%s]:%d", client.Unmap(), number)
	nameless := strings.NewReplacer(named, named[:strings.LastIndexByte(named, ':')])
	r.Text = nameless.Replace(r.Text)
	for n, line := range r.Transcript {
		r.Transcript[n] = nameless.Replace(line)
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
