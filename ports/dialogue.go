package ports

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"

	"ucs-harden/smtp"
)

// greet connects to addr ("127.0.0.1:25"), with TLS from the first byte for port 465, and returns the reply to EHLO. It
// fails when no smtpd(8) can start with the present configuration.
func greet(ctx context.Context, addr string, implicitTLS bool) (hello smtp.Reply, err error) {
	err = talk(ctx, addr, implicitTLS, func(c *smtp.Conn) error {
		hello, err = begin(ctx, c)
		return err
	})
	if err != nil {
		return smtp.Reply{}, fmt.Errorf("cannot get a greeting from %s: %w", addr, err)
	}
	return hello, nil
}

// secure connects, says STARTTLS (RFC 3207) and returns the reply to EHLO under TLS.
func secure(ctx context.Context, addr string) (hello smtp.Reply, err error) {
	err = talk(ctx, addr, false, func(c *smtp.Conn) error {
		if _, err := begin(ctx, c); err != nil {
			return err
		}
		r, err := c.StartTLS(ctx, ownServer)
		if err := refused(r, err, r.Code == 220); err != nil {
			return err
		}
		hello, err = ehlo(ctx, c)
		return err
	})
	if err != nil {
		return smtp.Reply{}, fmt.Errorf("cannot use STARTTLS with %s: %w", addr, err)
	}
	return hello, nil
}

// takes asks whether the server would accept a message from the null sender (a bounce, RFC 5321 section 4.5.5) to this
// recipient. It sends no message. All replies have to be 2xx.
func takes(ctx context.Context, addr string, implicitTLS bool, recipient string) error {
	err := talk(ctx, addr, implicitTLS, func(c *smtp.Conn) error {
		if _, err := begin(ctx, c); err != nil {
			return err
		}
		for _, line := range []string{"MAIL FROM:<>", "RCPT TO:<" + recipient + ">", "RSET"} {
			r, err := c.Ask(ctx, line)
			if err := refused(r, err, r.Positive()); err != nil {
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

// ownServer checks no certificate: the address is one of this machine, and the certificate names the host.
var ownServer = &tls.Config{InsecureSkipVerify: true}

// talk connects, calls do and says QUIT.
func talk(ctx context.Context, addr string, implicitTLS bool, do func(*smtp.Conn) error) error {
	var config *tls.Config
	if implicitTLS {
		config = ownServer
	}
	c, err := smtp.Dial(ctx, addr, config)
	if err != nil {
		return err
	}
	defer c.Quit()
	return do(c)
}

// begin takes the greeting and says EHLO.
func begin(ctx context.Context, c *smtp.Conn) (hello smtp.Reply, err error) {
	greeting, err := c.Reply(ctx)
	if err := refused(greeting, err, greeting.Code == 220); err != nil {
		return greeting, fmt.Errorf("no 220 greeting: %w", err)
	}
	return ehlo(ctx, c)
}

func ehlo(ctx context.Context, c *smtp.Conn) (smtp.Reply, error) {
	r, err := c.Ask(ctx, "EHLO localhost")
	if err := refused(r, err, r.Code == 250); err != nil {
		return r, fmt.Errorf("EHLO was refused: %w", err)
	}
	return r, nil
}

// refused makes an error of a reply that is not fine.
func refused(r smtp.Reply, err error, fine bool) error {
	if err == nil && !fine {
		return errors.New(r.String())
	}
	return err
}
