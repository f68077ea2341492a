// Package lists reads and changes the lists that some controls have. A list is a family of registry variables with one
// prefix; an entry is the variables with one name, which the administrator chooses:
//
//	variable = prefix name "/" field
//	field    = "account" | "group" | "list"         who the entry is about
//	         | "address"                            the protected address that it is about
//	         | "client" | "sender"                  who may come in as one of ours, and as whom; one of the two may be absent
//	         | "variant" | "senders"                who may write to a protected address
//	         | "mode"                               "enforce": it counts whatever the mode of the control is
//	         | "as"                                 what an account, group or list may write as
//	         | "reason" | "owner" | "expires"       for people; the last day on which the entry counts, YYYY-MM-DD
//
// A List says which of the fields it has. A name may contain slashes: the field is what follows the last one.
package lists

import (
	"maps"
	"slices"
	"strings"

	"ucs-harden/plan"
)

// Registry is what the lists read of the Univention Configuration Registry.
type Registry interface {
	// Get is the effective value of a variable.
	Get(key string) (string, bool)
	// Keys are the variables with a prefix, sorted as strings.
	Keys(prefix string) []string
}

// The subjects of a list: the field that says what an entry is about.
const (
	Account = "account" // a mail address or a login
	Address = "address" // a mail address
	Client  = "client"  // an address or network of clients, a sender, or both: an exception
)

// List is the list of one control, with the words of the command that keeps it.
type List struct {
	// Prefix begins the names of the variables, up to the name of the entry.
	Prefix string
	// Verb is the command: ucs-harden VERB add, remove, list. With Undo and Overview there are three commands instead: VERB
	// adds, Undo removes, Overview shows the list. An entry is named by its name there.
	Verb, Undo, Overview string
	// Subject is what an entry is about: Account, Address or Client.
	Subject string
	// Groups: an entry may be about a group of accounts. Else GroupElsewhere may say where a group is named instead.
	Groups         bool
	GroupElsewhere string
	// Senders: an entry may name senders (variant, senders).
	Senders bool
	// As: an entry says what an account, or the members of a group or mailing list, may write as. There may be several
	// entries about the same, each with its own reason, owner and last day.
	As bool
	// OwnMode: an entry may have a mode of its own. The change of such a list can be brought into effect by itself, without
	// a sync.
	OwnMode bool
	// ReasonTold: whoever is refused is told the reason, in a reply of the mail server.
	ReasonTold bool

	// Short and Long describe the command, Examples show its use. All names all entries together, in the plural.
	Short, Long, All, Examples string
}

// Fields are the fields that an entry of the list can have.
func (l *List) Fields() []string {
	fields := []string{l.Subject}
	if l.Subject == Client {
		fields = append(fields, "sender")
	}
	if l.Groups {
		fields = append(fields, "group")
	}
	if l.As {
		fields = append(fields, "list", "as")
	}
	if l.Senders {
		fields = append(fields, "variant", "senders")
	}
	if l.OwnMode {
		fields = append(fields, "mode")
	}
	return append(fields, "reason", "owner", "expires")
}

// Adding is the command that adds an entry, without the name of the program.
func (l *List) Adding() string { return l.command(l.Verb, "add") }

// Removing is the command that removes an entry.
func (l *List) Removing() string { return l.command(l.Undo, "remove") }

// Listing is the command that shows the list.
func (l *List) Listing() string { return l.command(l.Overview, "list") }

func (l *List) command(own, action string) string {
	if l.ByName() {
		return own
	}
	return l.Verb + " " + action
}

// ByName reports whether an entry is named by its name alone: adding one of the same name changes it.
func (l *List) ByName() bool { return l.Undo != "" }

// Read returns the entries, sorted by name. Variables that are not a field of an entry are left out.
func (l *List) Read(r Registry) []Entry {
	entries := map[string]*Entry{}
	for _, key := range r.Keys(l.Prefix) {
		rest := strings.TrimPrefix(key, l.Prefix)
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
		if e := *entries[name]; e != (Entry{Name: name}) {
			out = append(out, e)
		}
	}
	return out
}

// Variable begins the names of the variables of an entry. A slash and the field follow.
func (l *List) Variable(e Entry) string { return l.Prefix + e.Name }

// Variables are an entry as registry variables.
func (l *List) Variables(e Entry) map[string]string {
	return l.VariablesTo(Entry{Name: e.Name}, e)
}

// VariablesTo are the variables to set to turn an entry into another one of the same name. A field that only the old
// entry has is set to nothing, which Read does not distinguish from an absent variable.
func (l *List) VariablesTo(from, to Entry) map[string]string {
	out := map[string]string{}
	for _, name := range fields {
		if value := *to.field(name); value != *from.field(name) {
			out[l.Variable(from)+"/"+name] = value
		}
	}
	return out
}

// EntryKeys are the variables of the entry with a name that the registry has.
func (l *List) EntryKeys(r Registry, name string) []string {
	var out []string
	for _, field := range fields {
		key := l.Prefix + name + "/" + field
		if _, set := r.Get(key); set {
			out = append(out, key)
		}
	}
	return out
}

// Findings returns those findings that are about an entry: their IDs name the entry or one of its variables.
func (l *List) Findings(e Entry, all []plan.Finding) []plan.Finding {
	var out []plan.Finding
	for _, f := range all {
		_, about, _ := strings.Cut(f.ID, ":")
		if strings.HasPrefix(about+"/", l.Variable(e)+"/") {
			out = append(out, f)
		}
	}
	return out
}
