package maillog

import (
	"net/netip"
	"time"
)

// Letter is a message, or an attempt to send one, as all lines about it tell together.
type Letter struct {
	// Time is that of the first line.
	Time time.Time `json:"time"`
	// Program is the one that took it, such as "postfix/submission/smtpd", "postfix/pickup" for mail of this machine.
	Program string `json:"program"`
	// QueueID is "" for an attempt that was refused.
	QueueID    string     `json:"queue_id,omitempty"`
	ClientName string     `json:"client_name,omitempty"`
	Client     netip.Addr `json:"client"`
	// Login is the SASL name. LoginKnown: Login "" means that nobody had logged in.
	Login      string `json:"login,omitempty"`
	LoginKnown bool   `json:"login_known"`
	Sender     string `json:"sender"`
	Helo       string `json:"helo,omitempty"`
	MessageID  string `json:"message_id,omitempty"`
	// Returned: a message from inside with the same message ID began before, see Options.Inside.
	Returned bool `json:"returned,omitempty"`
	// Recipients are those of the client: before aliases and lists were expanded.
	Recipients []Recipient `json:"recipients"`
}

// Recipient is one recipient of a letter.
type Recipient struct {
	Address string `json:"address"`
	// Refused is the reply with which this recipient was refused, "" when it was accepted.
	Refused string `json:"refused,omitempty"`
	// Hits are what checks said of it without refusing it.
	Hits []Hit `json:"-"`
}

// fromInside is Options.Inside where that is nil.
func (l *Letter) fromInside() bool {
	return l.Login != "" || l.Client.IsPrivate() || l.Client.IsLoopback() || l.Program != "" && !l.Client.IsValid()
}
