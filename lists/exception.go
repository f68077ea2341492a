package lists

import (
	"fmt"
	"net/netip"
	"strings"

	"ucs-harden/mailbox"
	"ucs-harden/mynetworks"
)

// exceptionFault says what is wrong with an entry about a client and a sender.
func exceptionFault(e Entry) string {
	if strings.Trim(strings.ToLower(e.Name), nameCharacters) != "" {
		return fmt.Sprintf("its name %q goes to the mail log, so it may have letters, digits and @ . _ - only", e.Name)
	}
	if e.Client != "" {
		if _, why := ClientOf(e.Client); why != "" {
			return why
		}
	}
	if _, isDomain := AsDomain(e.Sender); e.Sender != "" && !IsAddress(e.Sender) && !isDomain {
		return fmt.Sprintf("%q is neither a mail address nor a domain", e.Sender)
	}
	if name := mailbox.Unquote(e.Sender); IsAddress(e.Sender) && mailbox.Quote(name) != name {
		return fmt.Sprintf("%q needs its quotes: Postfix does not look up such a sender as a whole; name the domain", e.Sender)
	}
	if e.Client+e.Sender == "" {
		return nobodyToAllow
	}
	return ""
}

const nobodyToAllow = "it names neither a client nor a sender"

const nameCharacters = "abcdefghijklmnopqrstuvwxyz0123456789@._-"

// ClientOf reads the client of an exception: one address, or a network in the notation of CIDR. why says what is wrong
// with it, "" when nothing is.
func ClientOf(word string) (client netip.Prefix, why string) {
	client, err := mynetworks.ParseNetwork(word)
	switch {
	case err == nil && client.Addr().Is4In6():
		return client, fmt.Sprintf("%q is a network of IPv4 in the form of IPv6: write it as one of IPv4", word)
	case err == nil:
		return client, ""
	case client.IsValid() && client.Bits() == 0:
		return client, fmt.Sprintf("%q is the whole Internet: for any client, name none", word)
	case client.IsValid():
		return client, fmt.Sprintf("%q has bits behind its mask: the network is %s, the one address is %s",
			word, client.Masked(), client.Addr())
	}
	return client, fmt.Sprintf("%q is neither an address nor a network", word)
}
