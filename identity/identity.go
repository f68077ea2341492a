// Package identity names who and what the directory of a domain knows: accounts, and the addresses of systems. It holds
// types only, so that whoever reads the directory and whoever judges by it speak of the same.
package identity

import (
	"net/netip"
	"strings"
)

// Account is an entry of the directory that has mail addresses or logs in. Lists, groups and shared folders have
// addresses, too; nobody logs in as one.
type Account struct {
	UID          string   // the login; "" for what cannot log in
	Primary      string   // mailPrimaryAddress; "" for an account without one
	Alternatives []string // from mailAlternativeAddress, sorted, unique
	Reason       string   // why the directory says that the account is suspended; "" when it does not say
}

// Addresses are the mail addresses of the account, the primary one first.
func (a Account) Addresses() []string {
	if a.Primary == "" {
		return a.Alternatives
	}
	return append([]string{a.Primary}, a.Alternatives...)
}

// Owns reports whether an address is one of the account's, whatever its capitals.
func (a Account) Owns(address string) bool {
	for _, own := range a.Addresses() {
		if address != "" && strings.EqualFold(own, address) {
			return true
		}
	}
	return false
}

// Host is a system of the domain.
type Host struct {
	Name      string       // cn, and the domain (associatedDomain) if known: "dc2.company.my"
	DN        string       // as the server or the LDIF writes it
	Addresses []netip.Addr // from aRecord and aAAARecord, sorted, unique; usable as client addresses
	Invalid   []string     // values of these which are not; from LDAP as they are, so quote them
}
