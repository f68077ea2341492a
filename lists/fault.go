package lists

import (
	"fmt"
	"strings"
	"time"
)

// Fault says what is wrong with an entry, "" when it can be used.
func (l *List) Fault(e Entry) string {
	if e.Expires != "" {
		if _, err := time.Parse(time.DateOnly, e.Expires); err != nil {
			return fmt.Sprintf("it expires on %q, which is no date like 2026-12-31", e.Expires)
		}
	}
	if l.OwnMode && e.Mode != "" && !e.Always() {
		return fmt.Sprintf("its mode is %q, and the only mode of an entry is %q", e.Mode, ownMode)
	}
	switch {
	case l.Subject == Address:
		return l.addressFault(e)
	case l.Subject == Client:
		return exceptionFault(e)
	case l.As && e.List != "":
		return l.listFault(e)
	}
	if why := l.accountFault(e); why != "" || !l.As {
		return why
	}
	return asFault(e)
}

// FaultGiven says what is wrong with values that may be a part of an entry: an existing one may say already what an
// account may write as, or whom an exception is for.
func (l *List) FaultGiven(e Entry) string {
	why := l.Fault(e)
	if why == nothingToWriteAs && e.As == "" || why == nobodyToAllow {
		return ""
	}
	return why
}

const nothingToWriteAs = "it does not say as what the account may write"

func (l *List) listFault(e Entry) string {
	switch {
	case e.Account+e.Group != "":
		return "it names a mailing list and an account or a group"
	case !IsAddress(e.List):
		return fmt.Sprintf("%q is no mail address, and a mailing list is named by its address", e.List)
	}
	return asFault(e)
}

// asFault says what is wrong with what an entry lets somebody write as.
func asFault(e Entry) string {
	if e.Account != "" && strings.TrimSpace(e.As) == "" {
		return nothingToWriteAs
	}
	for _, word := range Words(e.As) {
		if _, domain := AsDomain(word); !IsAddress(word) && !domain {
			return fmt.Sprintf("%q is neither a mail address nor a domain", word)
		}
	}
	return ""
}

// AsDomain is the domain that a word means, with or without "@" before it, in lower case. A word without a dot is more
// likely a login. It is a domain only behind "@".
func AsDomain(word string) (domain string, ok bool) {
	domain, marked := strings.CutPrefix(strings.ToLower(word), "@")
	return domain, IsDomain(domain) && (marked || strings.Contains(domain, "."))
}

func (l *List) accountFault(e Entry) string {
	switch {
	case e.Account != "" && e.Group != "":
		return "it names an account and a group"
	case e.Group != "" && l.Groups:
		return ""
	case e.Group != "" && l.GroupElsewhere != "":
		return "it names a group; " + l.GroupElsewhere
	case e.Group != "":
		return "it names a group"
	case e.Account == "":
		return "it names no account"
	case !IsAddress(e.Account) && !isLogin(e.Account):
		return fmt.Sprintf("%q is neither a mail address nor a login", e.Account)
	}
	return ""
}

func (l *List) addressFault(e Entry) string {
	switch {
	case e.Address == "":
		return "it names no address"
	case !IsAddress(e.Address):
		return fmt.Sprintf("%q is no mail address", e.Address)
	case !l.Senders:
		return ""
	}
	return VariantFault(e.Variant, e.Senders)
}

// The variants of a protected recipient.
const (
	variantClients = "clients"
	VariantSenders = "senders"
)

// VariantFault says what is wrong with a variant and its senders, "" when nothing is.
func VariantFault(variant, senders string) string {
	switch variant {
	case "", variantClients:
		if senders != "" {
			return `it names senders, but its variant is not "senders"`
		}
	case VariantSenders:
		for _, word := range strings.Fields(senders) {
			// A word without a dot is a login. It is not a domain that mail comes from.
			if !IsAddress(word) && (!IsDomain(word) || !strings.Contains(word, ".")) {
				return fmt.Sprintf("%q is neither a mail address nor a domain", word)
			}
		}
	default:
		return fmt.Sprintf("its variant is %q, not %q or %q", variant, variantClients, VariantSenders)
	}
	return ""
}
