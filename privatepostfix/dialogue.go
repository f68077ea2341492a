package privatepostfix

import (
	"cmp"
	"fmt"
	"net/netip"
	"strconv"
	"strings"
	"unicode"
)

// Dialogue is one attempt to send a message to one recipient: which client connects to which port, and what it says
// there. The message is a line that says what it is.
type Dialogue struct {
	// Client is the address that the server sees.
	Client netip.Addr `json:"client"`
	// ClientName is the name of that address, as the resolver of the server would give it. "" is a client without a
	// name, which the log calls "unknown".
	ClientName string `json:"client_name,omitempty"`
	// Helo is the name that the client says in EHLO.
	Helo string `json:"helo"`
	// Port is 25, 465 or 587: the role of the live service (see doors.Door), wherever that service or the instance
	// listens. Service is its name where the role does not tell it: "2525", "203.0.113.1:10587".
	Port    int    `json:"port"`
	Service string `json:"service,omitempty"`
	// Login is the SASL login name as Dovecot hands it on; "" is no login.
	Login string `json:"login,omitempty"`
	// Sender and Recipient are envelope addresses without < and >; the null sender is "".
	Sender    string `json:"sender"`
	Recipient string `json:"recipient"`
}

// String is the dialogue in one line.
func (d Dialogue) String() string {
	who := ""
	if d.Login != "" {
		who = " logged in as " + d.Login
	}
	return fmt.Sprintf("%s to port %s%s: from <%s> to <%s>", d.Client, d.At(), who, d.Sender, d.Recipient)
}

// At is where the dialogue takes place, as an administrator knows it: "25", "203.0.113.1:10587".
func (d Dialogue) At() string { return cmp.Or(d.Service, strconv.Itoa(d.Port)) }

// The steps of a dialogue, as Reply.At names them.
const (
	AtConnect = "CONNECT" // before the greeting
	AtXclient = "XCLIENT" // the greeting, to the client that XCLIENT names
	AtEhlo    = "EHLO"
	AtMail    = "MAIL"
	AtRcpt    = "RCPT"
	AtData    = "DATA"
	AtEnd     = "END-OF-MESSAGE" // the final dot
)

// Reply is the reply that decides a dialogue: the first refusal, else the reply to the final dot.
type Reply struct {
	// Code is the reply code of RFC 5321 section 4.2, Enhanced the enhanced status code of RFC 3463, "" without one,
	// and Text the rest, lines joined by blanks. Code 0, at CONNECT, is a client that cannot connect: one with an
	// IPv6 address, when inet_protocols is ipv4.
	Code     int    `json:"code"`
	Enhanced string `json:"enhanced,omitempty"`
	Text     string `json:"text"`
	// At is the step that was answered, one of the At constants.
	At string `json:"at"`
	// Transcript is the whole dialogue, each line with "C: " or "S: " in front.
	Transcript []string `json:"transcript,omitempty"`
	// Log is what smtpd(8) logged about the dialogue, without time, host and program: "NOQUEUE: reject_warning: RCPT
	// from …", "warning: …". With an enhanced status code 4.3.x the complaints of all helpers so far come first, each
	// with the name of its program: "trivial-rewrite: warning: …".
	Log []string `json:"log,omitempty"`
	// NotAsked is what the live server would have asked about the message and the instance did not, in words: "the policy
	// service unix:private/listfilter". What the live server does with the message may depend on its answer.
	NotAsked []string `json:"not_asked,omitempty"`
}

// Accepted reports whether the server took the message.
func (r Reply) Accepted() bool { return r.Code/100 == 2 }

// Codes is the short form of the reply: reply code and enhanced status code, such as "250 2.1.5", and "none" without an
// answer.
func (r Reply) Codes() string {
	if r.Code == 0 {
		return "none"
	}
	return strings.TrimSpace(fmt.Sprintf("%d %s", r.Code, r.Enhanced))
}

// String is the reply as the server gave it.
func (r Reply) String() string {
	return strings.Join(strings.Fields(fmt.Sprintf("%d %s %s", r.Code, r.Enhanced, r.Text)), " ")
}

// Check refuses a dialogue that SMTP cannot express, or that would be more than one command.
func (d Dialogue) Check() error {
	if !d.Client.IsValid() {
		return fmt.Errorf("cannot play a dialogue without a client: %s", d)
	}
	for _, said := range []string{d.ClientName, d.Helo, d.Login, d.Sender, d.Recipient} {
		if strings.ContainsFunc(said, unicode.IsControl) {
			return fmt.Errorf("cannot say %q in SMTP: it contains a control character", said)
		}
	}
	switch {
	case d.Helo == "":
		return fmt.Errorf("cannot play a dialogue without a name for EHLO: %s", d)
	case strings.ContainsAny(d.Sender+d.Recipient, "<>"):
		return fmt.Errorf("cannot play a dialogue with < or > in an address: %s", d)
	}
	return nil
}
