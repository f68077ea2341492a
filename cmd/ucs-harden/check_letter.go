package main

import (
	"fmt"
	"net/netip"
	"strings"
	"unicode"

	"ucs-harden/mailbox"
	"ucs-harden/privatepostfix"
)

// letterOptions are the options that describe one message.
type letterOptions struct {
	client, name, login, from, to string
	port                          int
	fromGiven                     bool // --from '' is the empty sender
}

// dialogue checks the options and makes an SMTP dialogue of them. It reads nothing else. The name in EHLO is the
// address of the client.
func (o letterOptions) dialogue() (privatepostfix.Dialogue, error) {
	d := privatepostfix.Dialogue{Port: o.port, Login: o.login}
	bad := func(option string, err error, hint string) (privatepostfix.Dialogue, error) {
		return d, misused(hint, "cannot use --%s: %w", option, err)
	}
	for _, missing := range []struct {
		option, hint string
		is           bool
	}{
		{"client", "name the address that connects, such as --client 203.0.113.66", o.client == ""},
		{"from", "name the envelope sender, such as --from boss@company.my; --from '<>' is the empty one", !o.fromGiven},
		{"to", "name the recipient, such as --to clerk@company.my", o.to == ""},
	} {
		if missing.is {
			return d, misused(missing.hint, "check needs --%s", missing.option)
		}
	}
	var err error
	if d.Client, err = clientAddress(o.client); err != nil {
		return bad("client", err, "give one IPv4 or IPv6 address, such as 203.0.113.66; a name goes into --client-name")
	}
	if o.name != "" && o.name != "unknown" {
		if err := mailbox.CheckHost(o.name); err != nil {
			return bad("client-name", err, "give a host name such as mail.example.net, or unknown")
		}
		d.ClientName = o.name
	}
	if o.port < 1 || o.port > 65535 {
		return bad("port", fmt.Errorf("%d is no port", o.port),
			"25 takes mail from other servers, 465 and 587 from mail programs; master.cf may have further ports")
	}
	if strings.ContainsFunc(o.login, func(r rune) bool { return !unicode.IsPrint(r) || r == ' ' }) {
		return bad("login", fmt.Errorf("%q holds a blank or a control character", o.login),
			"give the name as it is typed: a uid or a mail address")
	}
	const plain = "give a plain address such as boss@company.my, a domain with letters beyond ASCII as xn--…"
	if d.Sender = mailbox.Bare(o.from); d.Sender != "" {
		if err := mailbox.Check(d.Sender); err != nil {
			return bad("from", err, plain+"; '<>' is the empty sender")
		}
	}
	if d.Recipient = mailbox.Bare(o.to); !strings.EqualFold(d.Recipient, "postmaster") {
		if err := mailbox.Check(d.Recipient); err != nil {
			return bad("to", err, plain)
		}
	}
	d.Helo = "[" + d.Client.String() + "]"
	if d.Client.Is6() {
		d.Helo = "[IPv6:" + d.Client.String() + "]" // RFC 5321, 4.1.3
	}
	return d, nil
}

func clientAddress(text string) (netip.Addr, error) {
	a, err := netip.ParseAddr(text)
	switch {
	case err != nil:
		return a, fmt.Errorf("%q is no IP address", text)
	case a.Zone() != "":
		return a, fmt.Errorf("%q has a zone", text)
	}
	if a = a.Unmap(); a.IsUnspecified() || a.IsMulticast() {
		return a, fmt.Errorf("%s cannot be the address of a client", a)
	}
	return a, nil
}
