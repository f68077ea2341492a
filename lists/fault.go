package lists

import (
	"fmt"
	"strings"
	"time"
)

// Fault says what is wrong with an entry of a control's list, "" when it is an
// entry.
func (l Entry) Fault(control string) string {
	if l.Expires != "" {
		if _, err := time.Parse(time.DateOnly, l.Expires); err != nil {
			return fmt.Sprintf("it expires on %q, which is no date like 2026-12-31", l.Expires)
		}
	}
	if control == "protected" {
		return l.protectedFault()
	}
	switch {
	case l.Account != "" && l.Group != "":
		return "it names an account and a group"
	case l.Group != "" && control == "suspended":
		return "it names a group; the group of suspended accounts is the registry variable mail/harden/suspended/group"
	case l.Group != "":
		return ""
	case l.Account == "":
		return "it names no account"
	case !IsAddress(l.Account) && !IsLogin(l.Account):
		return fmt.Sprintf("%q is neither a mail address nor a login", l.Account)
	}
	return ""
}

func (l Entry) protectedFault() string {
	switch {
	case l.Address == "":
		return "it names no address"
	case !IsAddress(l.Address):
		return fmt.Sprintf("%q is no mail address", l.Address)
	}
	return VariantFault(l.Variant, l.Senders)
}

// The variants of a protected recipient.
const (
	variantClients = "clients"
	VariantSenders = "senders"
)

func VariantFault(variant, senders string) string {
	switch variant {
	case "", variantClients:
		if senders != "" {
			return `it names senders, but its variant is not "senders"`
		}
	case VariantSenders:
		for _, word := range strings.Fields(senders) {
			// A word without a dot is a login, not a domain of somebody's mail.
			if !IsAddress(word) && (!IsDomain(word) || !strings.Contains(word, ".")) {
				return fmt.Sprintf("%q is neither a mail address nor a domain", word)
			}
		}
	default:
		return fmt.Sprintf("its variant is %q, not %q or %q", variant, variantClients, VariantSenders)
	}
	return ""
}
