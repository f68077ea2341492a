package baseline

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"ucs-harden/plan"
)

// ListEntry is an entry of a control's list: registry variables with one prefix
// and a name of the administrator's.
//
//	mail/harden/local-only/account/NAME/{account,group,reason,owner,expires}
//	mail/harden/suspended/account/NAME/{account,reason,owner,expires}
//	mail/harden/protected/list/NAME/{address,variant,senders,reason,owner,expires}
//
// What an entry is about is its first field; the others may be absent.
type ListEntry struct {
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
	localOnly{}.name(): modePrefix + "local-only/account/",
	suspended{}.name(): modePrefix + "suspended/account/",
	protected{}.name(): modePrefix + "protected/list/",
}

// field is the place of a field of an entry, nil when there is none of that
// name.
func (l *ListEntry) field(name string) *string {
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
func Lists() []string { return []string{localOnly{}.name(), suspended{}.name(), protected{}.name()} }

// verbs are the commands that keep the lists.
var verbs = map[string]string{localOnly{}.name(): "restrict", suspended{}.name(): "suspend", protected{}.name(): "protect"}

// Verb is the command that keeps the list of a control.
func Verb(control string) string { return verbs[control] }

// ReadList is the list of a control, sorted by name. Variables that are no
// field of an entry are left out.
func ReadList(r Registry, control string) []ListEntry {
	prefix := listPrefix[control]
	entries := map[string]*ListEntry{}
	for _, key := range r.Keys(prefix) {
		rest := strings.TrimPrefix(key, prefix)
		slash := strings.LastIndexByte(rest, '/')
		if slash <= 0 {
			continue
		}
		name := rest[:slash]
		if entries[name] == nil {
			entries[name] = &ListEntry{Name: name}
		}
		if field := entries[name].field(rest[slash+1:]); field != nil {
			*field, _ = r.Get(key)
		}
	}
	var out []ListEntry
	for _, name := range slices.Sorted(maps.Keys(entries)) {
		if l := *entries[name]; l != (ListEntry{Name: name}) {
			out = append(out, l)
		}
	}
	return out
}

// Variables are the entry as registry variables of a control's list.
func (l ListEntry) Variables(control string) map[string]string {
	return ListEntry{Name: l.Name}.VariablesTo(control, l)
}

// VariablesTo are the variables to set to make the entry another one of the
// same name. A field that the other one has not is set to nothing, which is the
// same to ReadList as if it were absent.
func (l ListEntry) VariablesTo(control string, next ListEntry) map[string]string {
	out := map[string]string{}
	for _, name := range listFields {
		if value := *next.field(name); value != *l.field(name) {
			out[listPrefix[control]+l.Name+"/"+name] = value
		}
	}
	return out
}

// EntryKeys are the variables of the entry with a name that the registry has.
func EntryKeys(r Registry, control, name string) []string {
	var out []string
	for _, field := range listFields {
		key := listPrefix[control] + name + "/" + field
		if _, set := r.Get(key); set {
			out = append(out, key)
		}
	}
	return out
}

// With is the entry with other values in the fields that are given by name.
func (l ListEntry) With(fields map[string]string) ListEntry {
	for name, value := range fields {
		if field := l.field(name); field != nil {
			*field = value
		}
	}
	return l
}

// Differences are the names of the fields in which two entries differ.
func (l ListEntry) Differences(other ListEntry) []string {
	var out []string
	for _, name := range listFields {
		if *l.field(name) != *other.field(name) {
			out = append(out, name)
		}
	}
	return out
}

// About is what the entry is about.
func (l ListEntry) About() string {
	if l.Group != "" {
		return "group " + l.Group
	}
	return l.Account + l.Address
}

// SameAs reports whether two entries are about the same account, group or
// address: in any letters, as Postfix and the directory compare them.
func (l ListEntry) SameAs(other ListEntry) bool {
	return strings.EqualFold(l.Account, other.Account) && strings.EqualFold(l.Group, other.Group) && strings.EqualFold(l.Address, other.Address)
}

// Expired reports whether the entry's last day is over.
func (l ListEntry) Expired(today string) bool { return l.Expires != "" && l.Expires < today }

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

// Fault says what is wrong with an entry of a control's list, "" when it is an
// entry.
func (l ListEntry) Fault(control string) string {
	if l.Expires != "" {
		if _, err := time.Parse(time.DateOnly, l.Expires); err != nil {
			return fmt.Sprintf("it expires on %q, which is no date like 2026-12-31", l.Expires)
		}
	}
	if control == (protected{}).name() {
		return l.protectedFault()
	}
	switch {
	case l.Account != "" && l.Group != "":
		return "it names an account and a group"
	case l.Group != "" && control == (suspended{}).name():
		return "it names a group; the group of suspended accounts is the registry variable " + suspendedGroup
	case l.Group != "":
		return ""
	case l.Account == "":
		return "it names no account"
	case !isAddress(l.Account) && !isLogin(l.Account):
		return fmt.Sprintf("%q is neither a mail address nor a login", l.Account)
	}
	return ""
}

func (l ListEntry) protectedFault() string {
	switch {
	case l.Address == "":
		return "it names no address"
	case !isAddress(l.Address):
		return fmt.Sprintf("%q is no mail address", l.Address)
	}
	return variantFault(l.Variant, l.Senders)
}

func variantFault(variant, senders string) string {
	switch variant {
	case "", variantClients:
		if senders != "" {
			return `it names senders, but its variant is not "senders"`
		}
	case variantSenders:
		for _, word := range strings.Fields(senders) {
			if !isAddress(word) && !isDomain(word) {
				return fmt.Sprintf("%q is neither a mail address nor a domain", word)
			}
		}
	default:
		return fmt.Sprintf("its variant is %q, not %q or %q", variant, variantClients, variantSenders)
	}
	return ""
}

// listed are the entries of a control's list that count today, with a finding
// for each of the others.
func (d *Desired) listed(control string) []ListEntry {
	var out []ListEntry
	for _, l := range ReadList(d.facts.Registry, control) {
		variable := listPrefix[control] + l.Name
		if why := l.Fault(control); why != "" {
			d.find(plan.Finding{
				ID: "entry:" + variable, Severity: plan.Error, Control: control,
				Text: fmt.Sprintf("%s is no entry that can be used: %s", variable, why),
				Hint: "correct or remove it: ucs-harden " + verbs[control] + " list",
			})
			continue
		}
		if l.Expired(d.facts.Today) {
			d.find(plan.Finding{
				ID: "expired:" + variable, Severity: plan.Warning, Control: control,
				Text: fmt.Sprintf("the entry for %s expired on %s and has no effect", l.About(), l.Expires),
				Hint: "ucs-harden " + verbs[control] + " remove " + plan.Quote(l.Name),
			})
			continue
		}
		out = append(out, l)
	}
	return out
}

// TextFault says what keeps a value from being taken into a list from the
// command line, "" when nothing does. What was written to the registry by other
// means is not refused; it is made harmless where it is used.
func TextFault(field, value string) string {
	most := longestName
	if field == "reason" || field == "owner" {
		most = longestText
	}
	switch {
	case !utf8.ValidString(value):
		return "it is not UTF-8 text"
	case strings.ContainsFunc(value, func(r rune) bool { return !unicode.IsPrint(r) }):
		return "it contains a line break or another control character"
	case field != "senders" && utf8.RuneCountInString(value) > most:
		return fmt.Sprintf("it has %d characters, at most %d can be had", utf8.RuneCountInString(value), most)
	}
	return ""
}

// longestName is how long the name of an account, a group (a DN) or an address
// may be.
const longestName = 500

// HeldEntry is the finding about a change of a list that would have no effect,
// because a stronger layer holds one of its variables; nil when none does.
func HeldEntry(r Registry, control string, set map[string]string, unset []string) *plan.Finding {
	for _, key := range slices.Sorted(maps.Keys(set)) {
		if layer, held, ok := r.Stronger(key); ok {
			f := heldFinding(key, layer, held, wish{value: set[key], control: control})
			return &f
		}
	}
	for _, key := range unset {
		if layer, held, ok := r.Stronger(key); ok {
			f := heldFinding(key, layer, held, wish{control: control})
			f.Text = fmt.Sprintf("%s is held by the layer %q with the value %q, from which it cannot be removed here", key, layer, held)
			return &f
		}
	}
	return nil
}

// ListMode is the variable with the mode of a control alone.
func ListMode(control string) string { return modePrefix + control + "/mode" }

// ListSettings are the variables that say more about whom a control is for than
// its list does, as far as they are set.
func ListSettings(r Registry, control string) map[string]string {
	out := map[string]string{}
	for _, key := range map[string][]string{
		localOnly{}.name(): {localOnlyDestinations, localOnlyHosted, localOnlyText, localOnlyLookup},
		suspended{}.name(): {suspendedAttribute, suspendedValue, suspendedGroup, suspendedReason, suspendedText, suspendedLookup},
		protected{}.name(): {protectedAll, protectedVariant, protectedSenders, protectedExcept, protectedText},
	}[control] {
		if value, set := r.Get(key); set {
			out[key] = value
		}
	}
	return out
}
