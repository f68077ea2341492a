package evidence

import (
	"net/netip"

	"ucs-harden/rules"
)

// Message is what the rules need to know of a letter.
type Message struct {
	Port       int // 25, 465 or 587
	Client     netip.Addr
	ClientName string
	Login      string
	Sender     string
	Recipient  string
}

// Change is what a fix changes. Its parts may be empty.
type Change struct {
	// Addresses and Domains are what logins may write as besides what is theirs: logins by address or domain.
	Addresses map[string][]string
	Domains   map[string][]string
	// Exceptions come in addition to those in force.
	Exceptions []rules.Exception
	// Relaying are clients that come into mynetworks.
	Relaying []netip.Prefix
}

// Judge says what the rules say of a message under the plan of today with a change; nil is no change.
type Judge func(Message, *Change) rules.Ruling
