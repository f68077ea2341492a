package rules

import (
	"net/netip"
	"strings"

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
	sender, of := mailbox.Key(sender), mailbox.Key(e.Sender)
	if strings.Contains(of, "@") {
		return sender == of
	}
	domain := domainOf(sender)
	return domain == of || strings.HasSuffix(domain, "."+of)
}
