package lists

import (
	"maps"
	"slices"
	"strings"
)

// Registry is what the lists read of the Univention Configuration Registry.
type Registry interface {
	// Get is the effective value of a variable.
	Get(key string) (string, bool)
	// Keys are the variables with a prefix, sorted as strings.
	Keys(prefix string) []string
}

// Entry is an entry of a control's list: registry variables with one prefix
// and a name of the administrator's.
//
//	mail/harden/local-only/account/NAME/{account,group,reason,owner,expires}
//	mail/harden/suspended/account/NAME/{account,reason,owner,expires}
//	mail/harden/protected/list/NAME/{address,variant,senders,reason,owner,expires}
//
// What an entry is about is its first field; the others may be absent.
type Entry struct {
	Name string `json:"name"`
	// Account is a mail address, or a login. Group is the name of a group of
	// the directory, or its DN. Address is that of a protected recipient.
	Account string `json:"account,omitempty"`
	Group   string `json:"group,omitempty"`
	Address string `json:"address,omitempty"`
	// Variant says who may write to a protected recipient: "clients" (those in
	// mynetworks or logged in, the default) or "senders": the addresses and
	// domains of Senders, blanks between.
	Variant string `json:"variant,omitempty"`
	Senders string `json:"senders,omitempty"`

	Reason string `json:"reason,omitempty"`
	Owner  string `json:"owner,omitempty"`
	// Expires is the last day on which the entry counts, YYYY-MM-DD.
	Expires string `json:"expires,omitempty"`
}

// listPrefix is where the list of a control stands.
var listPrefix = map[string]string{
	"local-only": "mail/harden/local-only/account/",
	"suspended":  "mail/harden/suspended/account/",
	"protected":  "mail/harden/protected/list/",
}

// field is the place of a field of an entry, nil when there is none of that
// name.
func (l *Entry) field(name string) *string {
	switch name {
	case "account":
		return &l.Account
	case "group":
		return &l.Group
	case "address":
		return &l.Address
	case "variant":
		return &l.Variant
	case "senders":
		return &l.Senders
	case "reason":
		return &l.Reason
	case "owner":
		return &l.Owner
	case "expires":
		return &l.Expires
	}
	return nil
}

var listFields = []string{"account", "group", "address", "variant", "senders", "reason", "owner", "expires"}

// Lists are the names of the controls that have a list.
func Lists() []string { return []string{"local-only", "suspended", "protected"} }

// verbs are the commands that keep the lists.
var Verbs = map[string]string{"local-only": "restrict", "suspended": "suspend", "protected": "protect"}

// Verb is the command that keeps the list of a control.
func Verb(control string) string { return Verbs[control] }

// ReadList is the list of a control, sorted by name. Variables that are no
// field of an entry are left out.
func Read(r Registry, control string) []Entry {
	prefix := listPrefix[control]
	entries := map[string]*Entry{}
	for _, key := range r.Keys(prefix) {
		rest := strings.TrimPrefix(key, prefix)
		slash := strings.LastIndexByte(rest, '/')
		if slash <= 0 {
			continue
		}
		name := rest[:slash]
		if entries[name] == nil {
			entries[name] = &Entry{Name: name}
		}
		if field := entries[name].field(rest[slash+1:]); field != nil {
			*field, _ = r.Get(key)
		}
	}
	var out []Entry
	for _, name := range slices.Sorted(maps.Keys(entries)) {
		if l := *entries[name]; l != (Entry{Name: name}) {
			out = append(out, l)
		}
	}
	return out
}

// Variables are the entry as registry variables of a control's list.
func (l Entry) Variables(control string) map[string]string {
	return Entry{Name: l.Name}.VariablesTo(control, l)
}

// variable is what the names of the entry's variables begin with: before a slash
// and the field.
func (l Entry) Variable(control string) string { return listPrefix[control] + l.Name }

// About is what the entry is about.
func (l Entry) About() string {
	if l.Group != "" {
		return "group " + l.Group
	}
	return l.Account + l.Address
}

// Expired reports whether the entry's last day is over.
func (l Entry) Expired(today string) bool { return l.Expires != "" && l.Expires < today }

// EntryName is the name of the entry for an account, a group or an address: as
// it is, in lower case, but for characters that a registry variable cannot have
// in its name.
func EntryName(about string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || strings.ContainsRune("@._-", r) {
			return r
		}
		return '_'
	}, strings.ToLower(about))
}
