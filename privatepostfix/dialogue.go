package privatepostfix

import (
	"fmt"
	"net/netip"
	"strings"
	"unicode"
)

// Dialogue is one attempt to send a message to one recipient: who connects to
// which port, and what it says there. It ends before the message itself.
type Dialogue struct {
	// Client is the address that the server sees.
	Client netip.Addr `json:"client"`
	// ClientName is the name of that address, as the server's resolver would
	// give it; "" is a client without one, "unknown" in the log.
	ClientName string `json:"client_name,omitempty"`
	// Helo is what the client says in EHLO.
	Helo string `json:"helo"`
	// Port is 25, 465 or 587: the service, not where it listens in the rehearsal.
	Port int `json:"port"`
	// Login is the SASL login name as Dovecot hands it on; "" is no login.
	Login string `json:"login,omitempty"`
	// Sender and Recipient are envelope addresses without < and >; the null
	// sender is "".
	Sender    string `json:"sender"`
	Recipient string `json:"recipient"`
}

// String is the dialogue in one line.
func (d Dialogue) String() string {
	who := ""
	if d.Login != "" {
		who = " logged in as " + d.Login
	}
	return fmt.Sprintf("%s to port %d%s: from <%s> to <%s>", d.Client, d.Port, who, d.Sender, d.Recipient)
}

// The steps of a dialogue, as Reply.At names them.
const (
	AtConnect = "CONNECT" // before the greeting
	AtXclient = "XCLIENT" // the greeting, to the client that XCLIENT names
	AtEhlo    = "EHLO"
	AtMail    = "MAIL"
	AtRcpt    = "RCPT"
)

// Reply is the server's last word in a dialogue: the first refusal, else the
// answer to RCPT.
type Reply struct {
	// Code is the reply code of RFC 5321 section 4.2, Enhanced the enhanced
	// status code of RFC 3463, "" without one, and Text the rest, lines joined
	// by blanks. Code 0, at CONNECT, is a client that cannot even connect: of IPv6,
	// when inet_protocols is ipv4.
	Code     int    `json:"code"`
	Enhanced string `json:"enhanced,omitempty"`
	Text     string `json:"text"`
	// At is the step that was answered, one of the At constants.
	At string `json:"at"`
	// Transcript is the whole dialogue, each line with "C: " or "S: " in front.
	Transcript []string `json:"transcript,omitempty"`
	// Log is what smtpd(8) logged about the dialogue, without time, host and
	// program: "NOQUEUE: reject_warning: RCPT from …", "warning: …". With a reply
	// that says 4.3.x, the complaints of its helpers so far stand in front of it,
	// with their names: "trivial-rewrite: warning: …".
	Log []string `json:"log,omitempty"`
}

// Accepted reports whether the server took the recipient.
func (r Reply) Accepted() bool { return r.Code/100 == 2 }

// String is the reply as the server gave it.
func (r Reply) String() string {
	return strings.Join(strings.Fields(fmt.Sprintf("%d %s %s", r.Code, r.Enhanced, r.Text)), " ")
}

// check refuses what cannot be said in SMTP, or would say more than one thing.
func (d Dialogue) Check() error {
	if !d.Client.IsValid() {
		return fmt.Errorf("cannot play a dialogue without a client: %s", d)
	}
	for _, said := range []string{d.ClientName, d.Helo, d.Login, d.Sender, d.Recipient} {
		if strings.ContainsFunc(said, unicode.IsControl) {
			return fmt.Errorf("cannot say %q in SMTP: it holds a control character", said)
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
