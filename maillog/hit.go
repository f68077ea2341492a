package maillog

import (
	"net/netip"
	"time"
)

// Action is what a check did with a letter.
type Action string

const (
	// Warned: an access table logged it, with the action WARN of access(5).
	Warned Action = "warn"
	// WouldRefuse: warn_if_reject logged a refusal that did not take place.
	WouldRefuse Action = "reject_warning"
	// Refused: the letter was refused.
	Refused Action = "reject"
	// Informed: an access table logged it, with the action INFO of access(5).
	Informed Action = "info"
)

// Hit is a line in which a check speaks of one recipient of a letter.
type Hit struct {
	Time time.Time `json:"time"`
	// Program is syslog_name and daemon, such as "postfix/submission/smtpd". PID is its process.
	Program string `json:"program"`
	PID     int    `json:"pid"`
	// QueueID is the ID of the message once a recipient was accepted. It is "" where the line has NOQUEUE and no later line
	// of the session tells the ID.
	QueueID string `json:"queue_id,omitempty"`
	Action  Action `json:"action"`
	// Step is the SMTP command, such as "RCPT".
	Step string `json:"step"`
	// ClientName is the forward-confirmed name, "" where Postfix says "unknown".
	ClientName string     `json:"client_name,omitempty"`
	Client     netip.Addr `json:"client"`
	// Code and Enhanced are those of the reply, 0 and "" where the line has none. Subject is what the reply speaks of in
	// angle brackets, Text is the rest of it.
	Code     int    `json:"code,omitempty"`
	Enhanced string `json:"enhanced,omitempty"`
	Subject  string `json:"subject,omitempty"`
	Text     string `json:"text"`
	// Tag is what stands behind "#ucs-harden:" in Text: the name of a control, or "exception:NAME". "" is no tag.
	Tag string `json:"tag,omitempty"`

	Sender    string `json:"sender"`
	Recipient string `json:"recipient"`
	Proto     string `json:"proto,omitempty"`
	Helo      string `json:"helo,omitempty"`
	// Login is the SASL name, of this line or of another line of the same session. LoginKnown: Login "" means that
	// nobody had logged in; else nothing is known.
	Login      string `json:"login,omitempty"`
	LoginKnown bool   `json:"login_known"`
	// MessageID is that of the message, where one was accepted. Returned: the same message ID was sent from inside
	// before, in another message.
	MessageID string `json:"message_id,omitempty"`
	Returned  bool   `json:"returned,omitempty"`
}
