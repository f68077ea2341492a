package evidence

import (
	"net/netip"
	"time"
)

// Source is where the knowledge about a letter is from.
type Source string

const (
	// FromWarn: a control in mode warn logged it. FromEnforce: a control refused it. FromReplay: the rules say of a past
	// letter that it would be refused.
	FromWarn    Source = "warn"
	FromEnforce Source = "enforce"
	FromReplay  Source = "replay"
)

// Key names a group. Its text form is stable: CONTROL ":" DOMAIN ":" FROM, with "-" for nothing.
type Key struct {
	// Control is the name of a control.
	Control string `json:"control"`
	// Domain is the hosted domain that the sender is in; for control protected, the protected address.
	Domain string `json:"domain,omitempty"`
	// From is the infrastructure: the organisation of the forward-confirmed client name, such as "newsletter.example",
	// else the network of the client, such as "203.0.113.0/24" or "2001:db8::/48"; for submission it is the login.
	From string `json:"from"`
}

// Sample is one letter of a cell.
type Sample struct {
	Time   time.Time  `json:"time"`
	Source Source     `json:"source"`
	Port   int        `json:"port,omitempty"` // 0: not known
	Client netip.Addr `json:"client"`
	// NetworkOnly: which client it was is not known any more. Client is the first address of its network.
	NetworkOnly bool   `json:"network_only,omitempty"`
	ClientName  string `json:"client_name,omitempty"`
	Helo        string `json:"helo,omitempty"`
	Login       string `json:"login,omitempty"`
	Sender      string `json:"sender"`
	Recipient   string `json:"recipient"`
	Text        string `json:"text,omitempty"`
	QueueID     string `json:"queue_id,omitempty"`
	MessageID   string `json:"message_id,omitempty"`
}

// Distinct is one kind of letter of a cell, with its count: what a verdict and the proof of a fix are made from. A cell
// keeps at most MaxDistinct of them, see Cell.insert; the letters of all others are counted in Cell.Others.
type Distinct struct {
	Client netip.Addr `json:"client"`
	// NetworkOnly: which client it was is not known any more. Client is the first address of its network.
	NetworkOnly bool      `json:"network_only,omitempty"`
	ClientName  string    `json:"client_name,omitempty"`
	Login       string    `json:"login,omitempty"`
	Sender      string    `json:"sender"`
	Recipient   string    `json:"recipient"` // of the newest such letter
	Port        int       `json:"port,omitempty"`
	Count       int64     `json:"count"`
	First       time.Time `json:"first"`
	Last        time.Time `json:"last"`
	// Days is on how many days there were letters, as far as they were read in the order of time.
	Days int `json:"days,omitempty"`
	// Returned: letters whose message ID left this server before. Copied are those of them whose ID the client has used
	// with another sender as well: somebody copied it, since a message has one sender.
	Returned int64 `json:"returned,omitempty"`
	Copied   int64 `json:"copied,omitempty"`
}

// MaxDistinct and MaxSamples bound a cell.
const (
	MaxDistinct = 256
	MaxSamples  = 5
)

// Cell is the counts of one key.
type Cell struct {
	Key
	// Days are the letters by source and day (YYYY-MM-DD).
	Days    map[Source]map[string]int64 `json:"days"`
	First   time.Time                   `json:"first"`
	Last    time.Time                   `json:"last"`
	Kinds   []Distinct                  `json:"kinds"`
	Others  int64                       `json:"others,omitempty"`
	Samples []Sample                    `json:"samples"`
	// Copied are letters with a message ID that left this server before, and that their client has used with another
	// sender as well.
	Copied int64 `json:"copied,omitempty"`

	// While the log is read:
	kinds    *kinds               // nil until there are many
	returned map[carried]*carrier // at most maxReturned
}

// maxReturned bounds the message IDs of a cell that are remembered while the log is read.
const maxReturned = 1024

// Use is when an exception was used.
type Use struct {
	Name string           `json:"name"`
	Days map[string]int64 `json:"days"`
	Last time.Time        `json:"last"`
}
