package baseline

import (
	"fmt"
	"slices"
	"strings"
	"time"

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
	return map[string]*string{
		"account": &l.Account, "group": &l.Group, "address": &l.Address, "variant": &l.Variant, "senders": &l.Senders,
		"reason": &l.Reason, "owner": &l.Owner, "expires": &l.Expires,
	}[name]
}

var listFields = []string{"account", "group", "address", "variant", "senders", "reason", "owner", "expires"}

// Lists are the names of the controls that have a list.
func Lists() []string { return []string{localOnly{}.name(), suspended{}.name(), protected{}.name()} }

// ReadList is the list of a control, sorted by name. Variables that are no
// field of an entry are left out.
func ReadList(r Registry, control string) []ListEntry {
	prefix := listPrefix[control]
	var out []ListEntry
	for _, key := range r.Keys(prefix) {
		rest := strings.TrimPrefix(key, prefix)
		slash := strings.LastIndexByte(rest, '/')
		if slash <= 0 {
			continue
		}
		if len(out) == 0 || out[len(out)-1].Name != rest[:slash] {
			out = append(out, ListEntry{Name: rest[:slash]})
		}
		if field := out[len(out)-1].field(rest[slash+1:]); field != nil {
			*field, _ = r.Get(key)
		}
	}
	slices.SortStableFunc(out, func(a, b ListEntry) int { return strings.Compare(a.Name, b.Name) })
	return slices.DeleteFunc(out, func(l ListEntry) bool { return l == ListEntry{Name: l.Name} })
}

// Variables are the entry as registry variables of a control's list.
func (l ListEntry) Variables(control string) map[string]string {
	out := map[string]string{}
	for _, name := range listFields {
		if value := *l.field(name); value != "" {
			out[listPrefix[control]+l.Name+"/"+name] = value
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
		if l.Expires != "" && l.Expires < d.facts.Today {
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

// verbs are the commands that keep the lists.
var verbs = map[string]string{localOnly{}.name(): "restrict", suspended{}.name(): "suspend", protected{}.name(): "protect"}
