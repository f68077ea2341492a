package rules

import (
	"strings"

	"ucs-harden/hosteddomains"
)

// Letter is what is known of one attempt to send a message: one client, one envelope sender, one recipient. Each
// property has exactly one of its constants. The constants are bits so that a rule can name several.
type Letter struct {
	Port   int    `json:"port"` // 25, 465 or 587: the role, wherever the service listens
	Client Client `json:"client"`
	Login  string `json:"login,omitempty"` // as Postfix knows it; "" is no login

	Sender   string `json:"sender"` // "" is the null sender, <>
	SenderIs Sender `json:"sender_is"`
	Owner    Owner  `json:"owner"` // whose address the sender is

	Recipient   string    `json:"recipient"`
	RecipientIs Recipient `json:"recipient_is"`

	// RelayRefused: the relay restrictions refuse the letter before the recipient restrictions are asked.
	RelayRefused bool `json:"relay_refused,omitempty"`

	// Stopped: the account that sends, known by its login or its sender, may not send in any mode.
	Stopped bool `json:"stopped,omitempty"`
	// What the lists of the controls say of the letter, see Listings.Mark; 0 is nothing. Suspended: the account that
	// sends, known by its login or its sender, may not send. Unfitting: the client is a system of control relay, and
	// the sender is not one of ours.
	Suspended bool  `json:"suspended,omitempty"`
	Unfitting bool  `json:"unfitting,omitempty"`
	Bound     Bound `json:"bound,omitempty"`
	Guard     Guard `json:"guard,omitempty"`
	// Exception is the name of an exception by which the client may come in with this sender.
	Exception string `json:"exception,omitempty"`
}

// role is what a port is for.
type role uint8

const (
	mx              role = 1 << iota // 25
	submissionPorts                  // 465, 587
)

// login is whether somebody has logged in.
type login uint8

const (
	anonymous login = 1 << iota
	loggedIn
)

// Client is where a letter comes from.
type Client uint8

const (
	Stranger   Client = 1 << iota // outside mynetworks, and nobody the company knows
	Unlisted                      // of the company's network, but not in mynetworks
	Controller                    // a domain controller, as control relay has it
	Named                         // a system that control relay was told to let relay
	Listed                        // in mynetworks
	MailServer                    // another mail server of the directory, not in mynetworks: it may write as ours
	ThisHost                      // this server by one of its addresses, not in mynetworks: it may write as ours
)

// Sender is the kind of the envelope sender.
type Sender uint8

const (
	NullSender Sender = 1 << iota
	Hosted            // in a hosted domain, or with a name or address of this server
	SubDomain         // in a sub-domain of one that is not hosted itself
	Foreign
)

// Owner is who owns the sender address, as the login map has it.
type Owner uint8

const (
	Nobody   Owner = 1 << iota // or the null sender
	Somebody                   // not the one who is logged in
	TheLogin
)

// Recipient is the kind of the recipient.
type Recipient uint8

const (
	Postmaster Recipient = 1 << iota // without a domain
	Known                            // an address of a hosted domain
	Unknown                          // none, in a hosted domain
	Elsewhere
	Nowhere // in a domain that does not exist
)

// Bound is for an account that may only write to certain destinations: whether the recipient is one.
type Bound uint8

const (
	Within Bound = 1 << iota
	Beyond
)

// Guard is what protects the recipient.
type Guard uint8

const (
	Insiders       Guard = 1 << iota // who is in mynetworks or logged in may write to it
	NotAdmitted                      // it has a list of senders, without this one
	Admitted                         // with this one
	AdmittedAsOurs                   // with this one, which is one of ours: who uses it has to log in
)

func (l *Letter) role() role {
	if l.Port == 465 || l.Port == 587 {
		return submissionPorts
	}
	return mx
}

func (l *Letter) loggedIn() login {
	if l.Login == "" {
		return anonymous
	}
	return loggedIn
}

// SenderOf is the kind of an envelope sender. own are the hosted domains, and the names and addresses of this server, as
// package hosteddomains has them. A sender without a domain is ours: Postfix completes it with the name of this server.
func SenderOf(address string, own []string) Sender {
	at := strings.LastIndexByte(address, '@')
	switch {
	case address == "":
		return NullSender
	case at < 0:
		return Hosted
	}
	switch hosteddomains.Find(address[at+1:], own) {
	case hosteddomains.Same, hosteddomains.Disguised:
		return Hosted
	case hosteddomains.Below:
		return SubDomain
	}
	return Foreign
}

// String is the client as the subject of a sentence.
func (c Client) String() string {
	switch c {
	case Stranger:
		return "a stranger"
	case Unlisted:
		return "a client that is not in mynetworks"
	case Controller:
		return "a domain controller"
	case Named:
		return "a system named to relay"
	case Listed:
		return "a client in mynetworks"
	case MailServer:
		return "a mail server of the directory"
	case ThisHost:
		return "this server itself"
	}
	return "any client"
}

var (
	clientWords = map[Client]string{
		Stranger: "stranger", Unlisted: "unlisted", Controller: "controller", Named: "named", Listed: "listed",
		MailServer: "mail-server", ThisHost: "this-host",
	}
	senderWords = map[Sender]string{NullSender: "null", Hosted: "hosted", SubDomain: "sub-domain", Foreign: "foreign"}
	ownerWords  = map[Owner]string{Nobody: "nobody", Somebody: "somebody", TheLogin: "login"}
	boundWords  = map[Bound]string{Within: "within", Beyond: "beyond"}
	guardWords  = map[Guard]string{
		Insiders: "insiders", NotAdmitted: "not-admitted", Admitted: "admitted", AdmittedAsOurs: "admitted-as-ours",
	}
	recipientWords = map[Recipient]string{
		Postmaster: "postmaster", Known: "known", Unknown: "unknown", Elsewhere: "elsewhere", Nowhere: "nowhere",
	}
)

// MarshalText is the kind in JSON.
func (c Client) MarshalText() ([]byte, error) { return []byte(clientWords[c]), nil }

// MarshalText is the kind in JSON.
func (s Sender) MarshalText() ([]byte, error) { return []byte(senderWords[s]), nil }

// MarshalText is the kind in JSON.
func (o Owner) MarshalText() ([]byte, error) { return []byte(ownerWords[o]), nil }

// MarshalText is the kind in JSON.
func (r Recipient) MarshalText() ([]byte, error) { return []byte(recipientWords[r]), nil }

// MarshalText is the kind in JSON.
func (b Bound) MarshalText() ([]byte, error) { return []byte(boundWords[b]), nil }

// MarshalText is the kind in JSON.
func (g Guard) MarshalText() ([]byte, error) { return []byte(guardWords[g]), nil }
