package rules

import (
	"net/netip"
	"strings"

	"ucs-harden/hosteddomains"
	"ucs-harden/mailbox"
)

// Exception lets a client, a sender, or both together come in as one of ours. It gives nobody the right to relay.
type Exception struct {
	Name string
	// Client is a network; the zero value is any client.
	Client netip.Prefix
	// Sender is an address or a domain with its sub-domains; "" is any sender.
	Sender string
}

// Admits reports whether the exception is about a letter.
func (e Exception) Admits(client netip.Addr, sender string) bool {
	if e.Client.IsValid() && !e.Client.Contains(client.Unmap()) {
		return false
	}
	if e.Sender == "" {
		return e.Client.IsValid()
	}
	sender, of := SenderKey(sender), SenderKey(e.Sender)
	if strings.Contains(of, "@") {
		return sender == of
	}
	domain := mailbox.Domain(sender)
	return domain == of || strings.HasSuffix(domain, "."+of)
}

// SenderKey is the form in which senders are compared: that of mailbox.Key, the domain with A-labels.
func SenderKey(sender string) string {
	key := mailbox.Key(sender)
	local, domain := key[:strings.LastIndexByte(key, '@')+1], mailbox.Domain(key)
	return local + hosteddomains.ASCII(domain)
}

// excepted is the name of the first exception that lets a client come in with a sender of ours, "" for none.
func (l Listings) excepted(letter *Letter, client netip.Addr) string {
	if letter.Login != "" || letter.SenderIs&(Hosted|SubDomain) == 0 {
		return ""
	}
	for _, e := range l.Exceptions {
		if e.Admits(client, letter.Sender) {
			return e.Name
		}
	}
	return ""
}
