package lists

import (
	"slices"
	"strings"

	"ucs-harden/plan"
)

// Entry is an entry of a list. What it is about is in one of Account, Group, List and Address, or in Client and Sender; the
// other fields may be empty.
type Entry struct {
	Name string `json:"name"`
	// Account is a mail address or a login. Group is a group of the directory, by its name or its DN. List is a mailing
	// list of the directory, by its address. Address is that of a protected recipient.
	Account string `json:"account,omitempty"`
	Group   string `json:"group,omitempty"`
	List    string `json:"list,omitempty"`
	Address string `json:"address,omitempty"`
	// Client is an address or network, and Sender a mail address, or a domain with its sub-domains, of an exception: who
	// may come in as one of ours, and as whom. One of the two may be empty, which means any.
	Client string `json:"client,omitempty"`
	Sender string `json:"sender,omitempty"`
	// As are the addresses and domains that the account, or the members of the group or list, may write as, blanks
	// between. For a group or list without As it is its own address.
	As string `json:"as,omitempty"`
	// Variant says who may write to a protected recipient: "clients" (those in mynetworks or logged in, the default) or
	// "senders": the addresses and domains of Senders, blanks between.
	Variant string `json:"variant,omitempty"`
	Senders string `json:"senders,omitempty"`

	// Mode is "enforce" for an entry that counts whatever the mode of its control is.
	Mode   string `json:"mode,omitempty"`
	Reason string `json:"reason,omitempty"`
	Owner  string `json:"owner,omitempty"`
	// Expires is the last day on which the entry counts, YYYY-MM-DD.
	Expires string `json:"expires,omitempty"`
}

var fields = []string{"account", "group", "list", "address", "client", "sender", "as", "variant", "senders", "mode", "reason", "owner", "expires"}

// field is the place of a field of an entry, nil when there is none of that name.
func (e *Entry) field(name string) *string {
	switch name {
	case "account":
		return &e.Account
	case "group":
		return &e.Group
	case "list":
		return &e.List
	case "as":
		return &e.As
	case "address":
		return &e.Address
	case "client":
		return &e.Client
	case "sender":
		return &e.Sender
	case "variant":
		return &e.Variant
	case "senders":
		return &e.Senders
	case "mode":
		return &e.Mode
	case "reason":
		return &e.Reason
	case "owner":
		return &e.Owner
	case "expires":
		return &e.Expires
	}
	return nil
}

// With is the entry with other values in the fields that are given by name.
func (e Entry) With(values map[string]string) Entry {
	for name, value := range values {
		if field := e.field(name); field != nil {
			*field = value
		}
	}
	return e
}

// Differences are the names of the fields in which two entries differ.
func (e Entry) Differences(other Entry) []string {
	var out []string
	for _, name := range fields {
		if *e.field(name) != *other.field(name) {
			out = append(out, name)
		}
	}
	return out
}

// SameAs reports whether two entries are about the same account, group, list, address, or client and sender. Capitals make
// no difference, neither to Postfix nor to the directory.
func (e Entry) SameAs(other Entry) bool {
	return strings.EqualFold(e.Account, other.Account) && strings.EqualFold(e.Group, other.Group) &&
		strings.EqualFold(e.List, other.List) && strings.EqualFold(e.Address, other.Address) &&
		strings.EqualFold(e.Client, other.Client) && strings.EqualFold(e.Sender, other.Sender)
}

// Subject is what the entry is about, as the registry has it.
func (e Entry) Subject() string {
	if e.Client != "" && e.Sender != "" {
		return e.Client + " " + e.Sender
	}
	return e.Account + e.Group + e.List + e.Address + e.Client + e.Sender
}

// Names are the accounts and addresses that the directory may know. Groups and mailing lists are not among them.
func (e Entry) Names() []string {
	names := slices.DeleteFunc(Words(e.As), func(word string) bool { return !IsAddress(word) })
	if name := e.Account + e.Address; name != "" {
		names = append(names, name)
	}
	return names
}

// About is what the entry is about, for people.
func (e Entry) About() string {
	switch {
	case e.Group != "":
		return "group " + e.Group
	case e.List != "":
		return "list " + e.List
	case e.Client != "" && e.Sender != "":
		return "client " + e.Client + " as " + e.Sender
	case e.Client != "":
		return "client " + e.Client
	case e.Sender != "":
		return "anybody as " + e.Sender
	}
	return e.Account + e.Address
}

// MayWrite says who may write to a protected address: "insiders", "nobody", or the senders that the entry names.
func (e Entry) MayWrite() string {
	switch {
	case e.Variant == "" || e.Variant == "clients":
		return "insiders"
	case strings.TrimSpace(e.Senders) == "":
		return "nobody"
	}
	return e.Senders
}

// WritesAs says what somebody may write as: the addresses and domains that the entry names, or "its address" for the
// address of the group or list itself.
func (e Entry) WritesAs() string {
	if strings.TrimSpace(e.As) == "" {
		return "its address"
	}
	return e.As
}

// Expired reports whether the entry's last day is over.
func (e Entry) Expired(today string) bool { return e.Expires != "" && e.Expires < today }

// InForce reports whether the entry counts on a day, YYYY-MM-DD in local time. The last day counts. Whatever asks which
// entries count asks this function, so that tables, rehearsal, evidence and status cannot differ in it.
func (e Entry) InForce(day string) bool { return !e.Expired(day) }

// ownMode is the only mode that an entry can have of its own.
const ownMode = string(plan.Enforce)

// Always reports whether an entry counts whatever the mode of its control is.
func (e Entry) Always() bool { return e.Mode == ownMode }

// EntryName makes the name of the entry about an account, a group or an address: the same in lower case, with "_" for
// each character that a registry variable cannot have in its name.
func EntryName(about string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || strings.ContainsRune("@._-", r) {
			return r
		}
		return '_'
	}, strings.ToLower(about))
}
