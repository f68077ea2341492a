// Package identity describes the accounts and the hosts that the directory of a domain knows. It holds types only, so
// that the packages that read the directory and the packages that judge by it share them.
package identity

import (
	"net/netip"
	"strconv"
	"strings"
	"unicode"

	"ucs-harden/mailbox"
)

// Account is an entry of the directory that has mail addresses or can log in. Lists, groups and shared folders have
// addresses too, but cannot log in.
type Account struct {
	UID          string   // the login; "" for an entry that cannot log in
	Primary      string   // mailPrimaryAddress; "" for an account without one
	Alternatives []string // from mailAlternativeAddress, sorted, unique
	Reason       string   // why the directory says that the account is suspended; "" when it does not say
	DN           string   // as the server or the LDIF writes it; "" when the entry was not looked up by name
}

// Addresses are the mail addresses of the account, the primary one first.
func (a Account) Addresses() []string {
	if a.Primary == "" {
		return a.Alternatives
	}
	return append([]string{a.Primary}, a.Alternatives...)
}

// Owns reports whether an address belongs to the account, whatever its capitals and quotes.
func (a Account) Owns(address string) bool {
	for _, own := range a.Addresses() {
		if address != "" && mailbox.Key(own) == mailbox.Key(address) {
			return true
		}
	}
	return false
}

// String names the account in a message, on one line.
func (a Account) String() string {
	if a.UID != "" {
		return shown(a.UID)
	}
	return "the list or group " + shown(a.Primary)
}

// shown quotes a name with characters that a terminal would obey, or that a message would hide.
func shown(name string) string {
	if strings.ContainsFunc(name, func(r rune) bool { return !unicode.IsPrint(r) || r == ' ' || r == '"' }) {
		return strconv.Quote(name)
	}
	return name
}

// Group is a group or mailing list of the directory.
type Group struct {
	DN      string
	Name    string // cn
	Address string // mailPrimaryAddress; "" for a group without one
	List    bool   // it is a mailing list
	// Asked are the words of the question that mean it: its name, DN or address.
	Asked []string
	// Members are the accounts that are members, also through groups and lists that are members, sorted, each once.
	Members []Account
}

// Host is a computer of the domain.
type Host struct {
	Name      string       // cn, followed by the domain (associatedDomain) if known: "dc2.company.my"
	DN        string       // as the server or the LDIF writes it
	Type      string       // the module of udm(8) that keeps it, such as "computers/memberserver"; "" if not known
	Addresses []netip.Addr // from aRecord and aAAARecord, sorted, unique; usable as client addresses
	Invalid   []string     // values that no client address can be made of, unchanged; quote them
}
