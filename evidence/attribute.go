package evidence

import (
	"net/netip"
	"slices"
	"strings"

	"ucs-harden/hosteddomains"
	"ucs-harden/mailbox"
	"ucs-harden/maillog"
)

// Ours tells the lines of our checks from those of the administrator, and says to which group a hit belongs.
type Ours struct {
	// Domains are the hosted domains.
	Domains []string
	// Names are the other names and the addresses of this server that a sender may hold, see inside.Facts.Own.
	Names []string
	// Networks are those of this server, see OwnNetworks: each client in them has a group of its own.
	Networks []netip.Prefix
	// Ports are the ports 465 and 587 by the name of their program in the log, such as "postfix/submission/smtpd". A
	// name that another smtpd has as well is not among them.
	Ports map[string]int

	// See Remembering:
	known   *infrastructures
	domains map[string]bool
}

// Remembering tells of many hits faster, for one goroutine.
func (o Ours) Remembering() Ours {
	if o.known != nil {
		return o
	}
	o.known, o.domains = newInfrastructures(), make(map[string]bool, len(o.Domains))
	for _, domain := range o.Domains {
		o.domains[domain] = true
	}
	return o
}

// Attribution is what a hit is about.
type Attribution struct {
	Key
	// Exception is the name of the exception that the hit shows in use. Then there is no key.
	Exception string
	// Ours: a check of ours made the line.
	Ours bool
	// Administrator: warn_if_reject made the line, and the check is not ours. A line that is neither ours nor the
	// administrator's is that of another check, such as the refusal of an unknown recipient.
	Administrator bool
}

// What smtpd(8) and the published procedure say in the lines that have no tag.
const (
	notOwnedBy   = "Sender address rejected: not owned by user "
	notLoggedIn  = "Sender address rejected: not logged in"
	accessDenied = "Access denied"
	notFound     = "Recipient address rejected: Domain not found"
	byHandWarns  = "*** Invalid Inbound Sender ***"
	byHandRefuse = "Delivery not authorized, message refused"
)

const (
	senderSpoofing = "sender-spoofing"
	submission     = "submission"
	protected      = "protected"
	localOnly      = "local-only"
	suspended      = "suspended"
	foreignSender  = "foreign-sender"
)

// Of attributes a hit.
func (o Ours) Of(h *maillog.Hit) Attribution {
	if name, ok := strings.CutPrefix(h.Tag, "exception:"); ok {
		return Attribution{Exception: name, Ours: true}
	}
	control := h.Tag
	switch {
	case control != "":
	case o.bySubmission(h):
		control = submission
	case o.byHand(h):
		control = senderSpoofing
	default:
		return Attribution{Administrator: h.Action == maillog.WouldRefuse}
	}
	return Attribution{Ours: true, Key: o.KeyOf(control, o.message(h))}
}

// LoginOf is the login of a hit. Postfix before 3.10 names it only in the reply about a sender that the login does not
// own.
func LoginOf(h *maillog.Hit) string {
	if login, ok := notOwner(h); ok && !h.LoginKnown {
		return login
	}
	return h.Login
}

// notOwner is the login of a reply about a sender that it does not own. The name of a login is all that follows. In the
// reply about an address that looks like such a reply there follows more. And nobody meets this reply who had not logged
// in.
func notOwner(h *maillog.Hit) (login string, ok bool) {
	login, ok = strings.CutPrefix(reply(h), notOwnedBy)
	if !ok || login == "" || strings.Contains(login, ">: ") || h.LoginKnown && h.Login == "" {
		return "", false
	}
	return login, true
}

// SampleOf is a hit as a letter of a cell.
func (o Ours) SampleOf(h *maillog.Hit) Sample {
	from := FromWarn
	if h.Action == maillog.Refused {
		from = FromEnforce
	}
	return Sample{
		Time: h.Time, Source: from, Port: o.port(h.Program), Client: h.Client, ClientName: h.ClientName, Helo: h.Helo,
		Login: LoginOf(h), Sender: h.Sender, Recipient: h.Recipient, Text: h.Text, QueueID: h.QueueID, MessageID: h.MessageID,
	}
}

func (o Ours) message(h *maillog.Hit) Message {
	return Message{
		Port: o.port(h.Program), Client: h.Client, ClientName: h.ClientName,
		Login: LoginOf(h), Sender: h.Sender, Recipient: h.Recipient,
	}
}

// reply is what a reply says behind its subject.
func reply(h *maillog.Hit) string {
	if h.Text == "" || h.Text[0] != ':' && h.Text[0] != ' ' { // nearly always
		return h.Text
	}
	return strings.TrimLeft(h.Text, ": ")
}

// bySubmission reports whether a check of control submission made a line without a tag: on 465 and 587 only, where its
// restrictions stand. "Access denied" is that of the bare reject at the end of the list, which no client meets that has
// logged in.
func (o Ours) bySubmission(h *maillog.Hit) bool {
	if o.Ports[h.Program] == 0 || h.Action != maillog.WouldRefuse && h.Action != maillog.Refused {
		return false
	}
	said := reply(h)
	if _, ok := notOwner(h); ok || said == notLoggedIn || said == notFound {
		return true
	}
	class, denied := strings.CutSuffix(said, " rejected: "+accessDenied)
	return h.Login == "" && denied && !strings.ContainsAny(class, ":>")
}

// byHand reports whether the check of the published procedure made a line: its words, and a sender of ours.
func (o Ours) byHand(h *maillog.Hit) bool {
	said := h.Action == maillog.Warned && strings.HasSuffix(h.Text, byHandWarns) ||
		h.Action == maillog.Refused && strings.HasSuffix(h.Text, byHandRefuse)
	return said && hosteddomains.Find(domainOf(h.Sender), o.Domains) != hosteddomains.Foreign
}

// Plain reports whether a refusal of a program without a tag can be none of ours, as maillog.Options has it: it is none
// of the ports for mail programs. Those with the words of the published procedure are left.
func (o Ours) Plain(program string) (butFor string, plain bool) {
	return byHandRefuse, o.Ports[program] == 0
}

// KeyOf is the group of a letter that a control speaks of.
//
//	control          domain                      from
//	sender-spoofing  hosted domain of the sender  infrastructure of the client
//	submission       hosted domain of the sender  login, without one the infrastructure
//	local-only       hosted domain of the sender  login, without one the infrastructure
//	suspended        hosted domain of the sender  login, without one the infrastructure
//	protected        the protected address        login, without one the infrastructure
//	foreign-sender   -                            infrastructure of the client
//
// The domain is "" for a sender in none of the hosted domains, such as one at a name or address of this server. So no
// text of a stranger gets into it.
func (o Ours) KeyOf(control string, m Message) Key {
	k := Key{Control: control}
	if m.Login == "" || control == senderSpoofing || control == foreignSender {
		k.From = o.infrastructure(m.Client, m.ClientName)
	} else {
		k.From = mailbox.Key(m.Login)
	}
	switch control {
	case foreignSender:
	case protected:
		k.Domain = plainAddress(m.Recipient)
	default:
		k.Domain = o.hosted(domainOf(m.Sender))
	}
	return k
}

// infrastructure is Infrastructure, which for a client in a network of this server is its address: whoever shares its
// name or its /24 gets no letter into its group.
func (o Ours) infrastructure(client netip.Addr, name string) string {
	client = client.Unmap().WithZone("")
	if slices.ContainsFunc(o.Networks, func(p netip.Prefix) bool { return p.Contains(client) }) {
		return client.String()
	}
	return o.known.of(client, name)
}

// hosted is the hosted domain that a name is, or is below of: the longest such.
func (o Ours) hosted(domain string) string {
	for name := hosteddomains.ASCII(domain); name != ""; _, name, _ = strings.Cut(name, ".") {
		if o.domains[name] || o.domains == nil && slices.Contains(o.Domains, name) {
			return name
		}
	}
	return ""
}

// plainAddress is an address as a part of a name, "" if it has characters that would hide in it.
func plainAddress(address string) string {
	if !mailbox.Is(address) {
		return ""
	}
	return mailbox.Key(address)
}

func domainOf(address string) string {
	at := strings.LastIndexByte(address, '@')
	if at < 0 {
		return ""
	}
	return address[at+1:]
}
