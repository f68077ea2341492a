package lists

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"ucs-harden/plan"
)

// VariablesTo are the variables to set to make the entry another one of the
// same name. A field that the other one has not is set to nothing, which is the
// same to ReadList as if it were absent.
func (l Entry) VariablesTo(control string, next Entry) map[string]string {
	out := map[string]string{}
	for _, name := range listFields {
		if value := *next.field(name); value != *l.field(name) {
			out[l.Variable(control)+"/"+name] = value
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

// Findings are those of all that are about the entry: their IDs name it, or a
// variable of it.
func (l Entry) Findings(control string, all []plan.Finding) []plan.Finding {
	var out []plan.Finding
	for _, f := range all {
		_, about, _ := strings.Cut(f.ID, ":")
		if strings.HasPrefix(about+"/", l.Variable(control)+"/") {
			out = append(out, f)
		}
	}
	return out
}

// With is the entry with other values in the fields that are given by name.
func (l Entry) With(fields map[string]string) Entry {
	for name, value := range fields {
		if field := l.field(name); field != nil {
			*field = value
		}
	}
	return l
}

// Differences are the names of the fields in which two entries differ.
func (l Entry) Differences(other Entry) []string {
	var out []string
	for _, name := range listFields {
		if *l.field(name) != *other.field(name) {
			out = append(out, name)
		}
	}
	return out
}

// SameAs reports whether two entries are about the same account, group or
// address: in any letters, as Postfix and the directory compare them.
func (l Entry) SameAs(other Entry) bool {
	return strings.EqualFold(l.Account, other.Account) && strings.EqualFold(l.Group, other.Group) && strings.EqualFold(l.Address, other.Address)
}

// TextFault says what keeps a value from being taken into a list from the
// command line, "" when nothing does. What was written to the registry by other
// means is not refused; it is made harmless where it is used.
func TextFault(field, value string) string {
	most := longestName
	if field == "reason" || field == "owner" {
		most = LongestText
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

// longestText is how much of a text from outside goes into a reply; a line of
// SMTP has at most 512 characters (RFC 5321, 4.5.3.1.5).
const LongestText = 200
